import { verityStatuses, type VerityStatus } from '../../../contract/status.ts';
import {
  ruleIds,
  type BlockPair,
  type BlockRun,
  type Explanation,
  type ReportFailure,
  type ReportImage,
  type RuleId,
  type VerifyReport,
} from '../../../contract/verify-values.ts';
import { finding } from '../../explain/evidence.ts';

/** Names that try to be more than text, as `displayBytes` shows them or raw, as a path of the machine may come. */
export const nastyNames = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(2)>',
  'a|b||c\\|d',
  '`one` ``two`` ```three',
  '](javascript:alert(3))',
  '[link](https://example.org/x "title")',
  '![pixel](//example.org/p.png)',
  `it's "quoted" & &lt;amp&gt;`,
  ']]><!-- --> {{0}} {1}',
  String.raw`escaped\x0anewline and \\ backslash\\`,
  'raw\nnewline\r\n# heading\n- item',
  'ansi\u001b[31mred\u001b]0;title\u0007',
  'rtl\u202egnp.exe\u2066\u200f\u061c\ufeff',
  '@someone #12 GH-3 www.example.org https://example.org me@example.org',
  '**bold** _em_ ~~strike~~ :tada: $x$',
  'שלום‏ наука 日本語 🦆',
  'lone\ud800surrogate',
  '----',
  '1. one',
  `${'long name '.repeat(410)}end`,
] as const;

const image = (index: number, name: string): string => `/home/alice/images ${index}/${name}`;

/** Hex digits that look like a digest, and are the same in each run. */
export function digestLike(seed: number, digits = 64): string {
  let state = seed + 1;
  let text = '';
  while (text.length < digits) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    text += (state >>> 8).toString(16).padStart(6, '0');
  }
  return text.slice(0, digits);
}

export const objectName = (seed: number): string => `${digestLike(seed).slice(0, 2)}/${digestLike(seed).slice(2)}`;

const store = '/srv/objects';
const otherStore = '/mnt/backup <b>/objects-b';
const where = 'store “backup <b>/objects-b”';
const names = ['merged|v2`.cfs', 'layer](javascript:alert(4)).cfs', digestLike(900)] as const;

/** Of a path that nobody lists: the object's first path lies in an image that is not in the report. */
const unlisted = '/usr/lib/unlisted dir/other [owner] (1).so';

const images: readonly ReportImage[] = [
  {
    path: image(0, names[0]),
    name: names[0],
    title: 'composefs image, format 1',
    algorithm: 'sha256',
    digest: digestLike(901),
    expected: { digest: digestLike(901), algorithm: 'sha256', source: `${names[0]}.digest`, optional: false },
    signature: {
      path: '/home/alice/keys/merged <i>.p7s',
      verdict: 'good',
      sentence: 'It is a good signature of CN=Release <Key>, O=Example over this image’s digest.',
      signer: {
        subject: 'CN=Release <Key>, O=Example',
        issuer: 'CN=Example Root',
        serial: '5f:01',
        notBefore: '2024-01-01T00:00:00.000Z',
        notAfter: '2034-01-01T00:00:00.000Z',
        isValidNow: true,
      },
      chain: ['CN=Release <Key>, O=Example', 'CN=Example Root'],
      signedDigest: digestLike(901),
      facts: [{ label: 'Hash', value: 'SHA-256' }],
    },
  },
  {
    path: `relative images/${names[1]}`,
    name: names[1],
    title: 'EROFS image',
    algorithm: 'sha512',
    digest: digestLike(902, 128),
    expected: { digest: digestLike(903, 128), algorithm: 'sha512', source: 'typed', optional: true },
    signature: {
      path: 'keys of bob/layer.p7s',
      verdict: 'malformed',
      sentence: 'It cannot be checked: certs of bob/bob.pem is no certificate (PEM or DER).',
      signer: undefined,
      chain: [],
      signedDigest: undefined,
      facts: [],
    },
  },
  {
    path: `/srv/repo/images/${names[2]}`,
    name: names[2],
    title: 'composefs image, format 2',
    algorithm: 'sha256',
    digest: digestLike(900),
    expected: undefined,
    signature: undefined,
  },
];

const kernel = {
  seen: 'stat works, open fails: EIO (input/output error)',
  seenWithout: 'wrong bytes, and no error',
  log: undefined,
};

/** A failure with all that is usual; what is given replaces it. */
export function failure(
  seed: number,
  status: VerityStatus,
  explanation: Partial<Explanation> | undefined,
  rest: Partial<ReportFailure> = {},
): ReportFailure {
  return {
    status,
    redirect: objectName(seed),
    expectedDigest: digestLike(seed),
    expectedSize: 5000 + seed,
    foundDigest: status === 'missing' ? undefined : digestLike(seed + 1000),
    foundSize: status === 'missing' ? undefined : 5000 + seed,
    objectPath: status === 'missing' ? undefined : `${store}/${objectName(seed)}`,
    errno: status === 'missing' ? 'ENOENT' : undefined,
    message: 'The object has other content than the image says.',
    explanation: explanation && {
      status,
      findings: [],
      ruledOut: [],
      notTried: [],
      strip: undefined,
      firstDifference: undefined,
      goodCopy: undefined,
      ...explanation,
    },
    kernel,
    advice: ['Fetch the object again, or point Repair at a folder or layer that holds the file.'],
    uses: [{ image: names[0], path: `/usr/lib/file ${seed}.so` }],
    usesOmitted: 0,
    ...rest,
  };
}

const goodCopy = { path: `${otherStore}/${objectName(1)}`, where };

/** Two blocks of text of which some bytes differ; the found one is shorter. */
function pair(): BlockPair {
  const good = Uint8Array.from({ length: 4096 }, (_, at) => 32 + ((at * 7) % 95));
  const found = good.slice(0, 4000);
  for (const at of [700, 701, 702, 3000]) found[at] = (good[at] ?? 0) ^ 1;
  return { block: 3, offset: 3 * 4096, found, good, bytes: 100, bits: 260 };
}

const runs: readonly BlockRun[] = [
  { from: 3, count: 1, state: 'differs' },
  { from: 40, count: 25, state: 'differs' },
  ...Array.from({ length: 300 }, (_, at) => ({ from: 100 + 2 * at, count: 1, state: 'differs' as const })),
  { from: 900, count: 60, state: 'zero' },
  { from: 960, count: 30, state: 'absent' },
  { from: 990, count: 10, state: 'extra' },
];

/** One failure for each cause, with paths where its rule puts them. */
const wounds: Readonly<Record<RuleId, (seed: number) => ReportFailure>> = {
  swapped: (seed) =>
    failure(
      seed,
      'digest-mismatch',
      {
        findings: [
          finding(
            'swapped',
            'certain',
            `It is another object in its place: its content is that of ${unlisted} (${objectName(800)}).`,
            [
              ['Its real digest', digestLike(800)],
              ['Which is that of', `${objectName(800)}, in ${names[1]}`],
            ],
            'Look for what copied or renamed objects in the store.',
          ),
        ],
      },
      { advice: [`Look at ${unlisted}`, 'Look for what copied or renamed objects in the store.'] },
    ),
  truncated: (seed) => byCopy(seed, 'truncated', 'size-mismatch'),
  extended: (seed) => byCopy(seed, 'extended', 'size-mismatch'),
  'zero-filled': (seed) => byCopy(seed, 'zero-filled', 'digest-mismatch'),
  'blocks-differ': (seed) => ({
    ...failure(seed, 'digest-mismatch', {
      findings: [
        finding('blocks-differ', 'certain', '386 of 1,000 blocks differ; all else is as in the good copy.', [
          ['First difference', 'byte 12,988: 0x41 in place of 0x40'],
          ['Good copy', goodCopy.path],
        ]),
        finding('other-store', 'certain', `A good copy is in ${where}.`, [['Good copy', goodCopy.path]]),
      ],
      ruledOut: [{ rule: 'compressed', sentence: 'It is not compressed by gzip, zstd, bzip2 or xz.' }],
      strip: { blockSize: 4096, blocks: 1000, comparedWith: goodCopy.path, runs, omitted: 7, bad: 426 },
      firstDifference: pair(),
      goodCopy,
    }),
    advice: [
      `Repair it from the good copy, ${goodCopy.path}: it is copied, checked, and only then put in place.`,
      'Look at `dmesg`, and at ``two`` ticks.',
    ],
    uses: nastyNames.map((name, index) => ({ image: names[index % 2] ?? '', path: `/nasty/${name}` })),
    usesOmitted: 1234,
  }),
  'size-only': (seed) => byCopy(seed, 'size-only', 'size-mismatch'),
  'plain-hash': (seed) => byCopy(seed, 'plain-hash', 'digest-mismatch'),
  'other-parameters': (seed) => byCopy(seed, 'other-parameters', 'digest-mismatch'),
  compressed: (seed) => byCopy(seed, 'compressed', 'size-mismatch'),
  'text-changed': (seed) => byCopy(seed, 'text-changed', 'size-mismatch'),
  'empty-convention': (seed) => byCopy(seed, 'empty-convention', 'digest-mismatch'),
  'other-layout': (seed) =>
    failure(seed, 'missing', {
      findings: [
        finding('other-layout', 'certain', `It lies under the name of another layout: ${digestLike(seed)}.file.`, [
          ['Looked for', objectName(seed)],
          ['There', `${store}/${digestLike(seed)}.file`],
          ['And', '/var/tmp/not an object/at all'],
        ]),
      ],
    }),
  'other-store': (seed) =>
    failure(seed, 'missing', {
      findings: [
        finding('other-store', 'certain', `The content is there under another name: ${goodCopy.path}.`, [
          ['Good copy', goodCopy.path],
          ['The bad one', `${store}/${objectName(seed)}`],
        ]),
      ],
      goodCopy,
    }),
  'sealed-damage': (seed) => byCopy(seed, 'sealed-damage', 'unreadable'),
  'sealed-otherwise': (seed) => byCopy(seed, 'sealed-otherwise', 'wrong-seal'),
  'not-a-file': (seed) =>
    failure(
      seed,
      'unreadable',
      { findings: [finding('not-a-file', 'certain', 'In its place is a symlink.', [['Errno', 'ELOOP']])] },
      { errno: 'ELOOP', message: 'symbolic link in its place.' },
    ),
  'no-permission': (seed) =>
    failure(
      seed,
      'unreadable',
      {
        findings: [
          finding('no-permission', 'certain', 'It may not be read by this user.', [
            ['Seen', `open '${store}/${objectName(seed)}' of /home/alice/secret folder: permission denied`],
          ]),
        ],
      },
      {
        errno: 'EACCES',
        kernel: { ...kernel, log: "overlayfs: lazy lowerdata lookup failed (/it's a)b.so, err=-13)" },
      },
    ),
  'image-newer': (seed) => byCopy(seed, 'image-newer', 'missing'),
};

function byCopy(seed: number, rule: RuleId, status: VerityStatus): ReportFailure {
  const sentence = `Found by ${rule}; all before it is as in the good copy, ${goodCopy.path}: it is copied.`;
  return failure(seed, status, {
    findings: [finding(rule, seed % 2 === 0 ? 'likely' : 'possible', sentence, [['Good copy', goodCopy.path]])],
    strip: {
      blockSize: 4096,
      blocks: 2,
      comparedWith: 'nothing: no good copy is known',
      runs: [{ from: 1, count: 1, state: 'zero' }],
      omitted: 0,
      bad: 1,
    },
    goodCopy,
  });
}

const failures: readonly ReportFailure[] = [
  ...ruleIds.map((rule, index) => wounds[rule](index + 1)),
  ...Array.from({ length: 14 }, (_, index) =>
    failure(100 + index, 'missing', {
      findings: [
        finding('image-newer', 'possible', 'The image is newer than anything of it in the store.', [
          ['Image written', '2024-05-01 10:00:00'],
        ]),
      ],
    }),
  ),
  ...nastyNames.map((name, index) =>
    failure(
      200 + index,
      'digest-mismatch',
      {
        ruledOut: [{ rule: 'swapped', sentence: `It is not ${image(0, names[0])}, nor /nasty/${name}` }],
        notTried: [{ rule: 'compressed', sentence: 'Whether it is compressed: it was not read.' }],
      },
      {
        message: `Nobody knows why /nasty/${name}`,
        uses: [{ image: names[1], path: `/nasty/${name}` }],
        kernel: { ...kernel, log: `overlayfs: metacopy file '${name}' has no digest specified` },
      },
    ),
  ),
  failure(300, 'missing', undefined, {
    message: `No object ${objectName(300)} in any of the 2 attached stores.`,
    uses: [],
    advice: [],
  }),
  failure(301, 'unsealed', undefined, { message: 'The content is right, but fs-verity is not enabled on the object.' }),
  failure(302, 'no-digest', undefined, {
    redirect: 'lower layer/usr/bin/plain',
    objectPath: `${store}/lower layer/usr/bin/plain`,
    expectedDigest: undefined,
    message: 'The image names the object lower layer/usr/bin/plain but not its digest.',
    uses: [{ image: names[0], path: '/usr/bin/plain' }],
  }),
];

/** A report with everything in it: all statuses, all causes, names that are not nice. */
export const sampleReport: VerifyReport = {
  version: '1.2.3',
  date: '2024-05-02T10:20:30.400Z',
  images,
  stores: [
    { path: store, title: 'mkcomposefs digest store', note: undefined },
    { path: otherStore, title: 'folder', note: `objects of ${otherStore} may be copies` },
  ],
  counts: Object.fromEntries(verityStatuses.map((status, index) => [status, 10 ** (index % 4) + index])),
  objects: 1533,
  bytes: 1_610_612_736,
  elapsedMs: 2300,
  notes: [
    `${store}: this file system has no fs-verity, or it is not turned on (EOPNOTSUPP): a mount with verity=require refuses every object from here.`,
    'The folder /home/alice/secret folder cannot be entered.',
  ],
  failures,
  omitted: 1200,
};

/** Nothing is wrong with anything. */
export const rightReport: VerifyReport = {
  ...sampleReport,
  images: images.slice(0, 1),
  counts: { ok: 1500, sealed: 33 },
  notes: [],
  failures: [],
  omitted: 0,
};

/** Nothing at all. */
export const emptyReport: VerifyReport = {
  version: '1.2.3',
  date: 'some day',
  images: [],
  stores: [],
  counts: {},
  objects: 0,
  bytes: 0,
  elapsedMs: 0,
  notes: [],
  failures: [],
  omitted: 0,
};

/** What must not be in a report without paths: whole, and the parts of it that tell something. */
export const secrets: readonly string[] = [
  ...images.map(({ path }) => path),
  names[0],
  names[1],
  store,
  otherStore,
  where,
  unlisted,
  'unlisted',
  'other [owner]',
  'alice',
  'secret folder',
  'backup',
  'merged',
  'layer]',
  '.p7s',
  'bob',
  'not an object',
  'lower layer',
  'bin/plain',
  '/usr/',
  '/nasty/',
  'file 3.so',
  "it's a)b",
  ...nastyNames,
  'script>alert',
  'onerror',
  'example.org',
  'someone',
  'long name',
  'anewline',
  'gnp.exe',
  'наука',
  'surrogate',
];
