import type { FormatVersion } from '../../../../../composefs/writer/format-rules.ts';

/** What a tool did to a tree, as lines of a dump before and after: written by hand, and not by what is tested. */
export interface SearchCase {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Of the image at hand, and of the one that is looked for. */
  readonly versions: readonly [before: FormatVersion, after: FormatVersion];
  /** Transformations that are named; that of the format last. */
  readonly found: readonly string[];
  readonly causes: readonly string[];
  /** fs-verity digest in the place of `DIGEST` in the lines: of this content. */
  readonly content?: string;
}

const label = 'security.selinux=system_u:object_r:usr_t:s0\\x00';
const hex = (seed: string): string => seed.repeat(32);
const object = (seed: string): string => `${seed}/${seed.repeat(31)} - ${hex(seed)}`;

/** Something of everything. */
const base: readonly string[] = [
  `/ 0 40755 8 0 0 0 5.5 - - - ${label}`,
  `/boot 0 40700 2 0 0 0 120.4 - - - ${label}`,
  `/boot/vmlinuz 9000 100644 1 0 0 0 110.7 ${object('a1')} ${label}`,
  '/dev 0 40755 2 0 0 0 100.0 - - -',
  '/dev/console 0 20600 1 0 0 1281 100.0 - - -',
  `/etc 0 40755 2 0 0 0 140.0 - - - ${label}`,
  `/etc/hosts 9 100644 1 0 0 0 130.1 - localhost - ${label}`,
  `/etc/motd 7 100644 1 1 1 0 131.2 - welcome - ${label}`,
  '/run 0 40755 3 0 0 0 151.3 - - -',
  '/run/lock 0 40755 2 0 0 0 150.0 - - -',
  `/sysroot 0 40755 2 0 0 0 152.6 - - -`,
  `/usr 0 40555 3 0 0 0 180.9 - - - ${label} user.usr=1`,
  `/usr/bin 0 40755 2 0 0 0 170.0 - - - ${label}`,
  `/usr/bin/dir 5000 100755 2 0 0 0 160.3 ${object('b2')} ${label} user.origin=rpm`,
  `/usr/bin/ls 0 @100755 2 0 0 0 160.3 /usr/bin/dir - -`,
  `/usr/bin/ping 6000 100755 1 0 0 0 161.4 ${object('c3')} security.capability=1 ${label}`,
  `/usr/bin/sh 4 120755 1 0 0 0 162.5 bash - - ${label}`,
  '/var 0 40755 2 5 6 0 190.0 - - -',
];

type Change = (line: string) => string | undefined;
const each = (lines: readonly string[], ...changes: readonly Change[]): readonly string[] =>
  lines.flatMap((line) => {
    let made: string | undefined = line;
    for (const change of changes) made = made === undefined ? undefined : change(made);
    return made ?? [];
  });

/** Of lines whose path is that. */
const at =
  (path: string, change: Change): Change =>
  (line) =>
    line.startsWith(`${path} `) ? change(line) : line;
const replace =
  (pattern: RegExp, by: string): Change =>
  (line) =>
    line.replace(pattern, by);
const without =
  (pattern: RegExp): Change =>
  (line) =>
    pattern.test(line) ? undefined : line;
const isFolder = / 0 40\d+ /;
const MTIME = / (\d+)\.(\d+) (?=\S+ \S+ \S+)/;

const noNanoseconds = replace(MTIME, ' $1.0 ');
const noLabels = replace(/ security\.selinux=\S+/, '');
const noUser = replace(/ user\.\S+/g, '');
const noCapability = replace(/ security\.capability=\S+/, '');
const rootOfUsr = at('/', () => `/ 0 40555 8 0 0 0 180.9 - - - ${label} user.usr=1`);
const runOfUsr: readonly Change[] = [without(/^\/run\//), at('/run', () => '/run 0 40755 2 0 0 0 180.9 - - -')];
const bootOfUsr = (boot: string, sysroot: string): readonly Change[] => [
  without(/^\/(?:boot|sysroot)\//),
  at('/boot', replace(MTIME, ` ${boot} `)),
  at('/sysroot', replace(MTIME, ` ${sysroot} `)),
];
const split: readonly Change[] = [
  at('/usr/bin/dir', replace(/100755 2/, '100755 1')),
  at('/usr/bin/ls', () => `/usr/bin/ls 5000 100755 1 0 0 0 160.3 ${object('b2')} ${label} user.origin=rpm`),
];
const labelled = base;
const whiteout = [...base, '/var/gone 0 20000 1 0 0 0 8.0 - - -'];

const one = (
  name: string,
  changes: readonly Change[],
  found: string,
  cause: string,
  { before = base, versions = [1, 1] }: Partial<Pick<SearchCase, 'before' | 'versions'>> = {},
): SearchCase => ({ name, before, after: each(before, ...changes), versions, found: [found], causes: [cause] });

/** One for each transformation, then pairs, then what whole tools do. */
export const searchCases: readonly SearchCase[] = [
  { ...one('another format', [], 'T1', 'D02', { versions: [1, 2] }), found: ['T1'] },
  one('nanoseconds dropped', [noNanoseconds], 'T2', 'D05'),
  {
    ...one('times rounded, as Go’s archive/tar does it', [], 'T2', 'D05'),
    // times have a digit of nanoseconds, which is a part of a second here
    before: each(base, replace(MTIME, ' $1.$200000000 ')),
    after: each(base, (line) =>
      line.replace(
        MTIME,
        (_, seconds: string, tenths: string) => ` ${Number(seconds) + (Number(tenths) >= 5 ? 1 : 0)}.0 `,
      ),
    ),
  },
  one('security.capability alone kept', [noUser, noLabels], 'T3', 'D04'),
  one('security.capability and user.* kept', [noLabels], 'T7', 'D04'),
  one('user.* alone kept', [noLabels, noCapability], 'T3', 'D04'),
  one('no xattrs kept', [noLabels, noUser, noCapability], 'T3', 'D04'),
  one('the root as /usr', [rootOfUsr], 'T4', 'D09'),
  one('/run emptied', runOfUsr, 'T5', 'D11'),
  one('made bootable, nanoseconds of before', bootOfUsr('180.4', '180.6'), 'T6', 'D07'),
  one('made bootable, with the whole time of /usr', bootOfUsr('180.9', '180.9'), 'T6', 'D07'),
  one('made bootable before 0.5.0', bootOfUsr('0.4', '0.6'), 'T6', 'D07'),
  one('labels removed', [noLabels], 'T7', 'D04', { before: each(labelled, noUser, noCapability) }),
  one('all times 0', [replace(MTIME, ' 0.0 ')], 'T8', 'D35'),
  one('all times 1', [replace(MTIME, ' 1.0 ')], 'T8', 'D35'),
  one('times of directories 0', [(line) => (isFolder.test(line) ? line.replace(MTIME, ' 0.0 ') : line)], 'T9', 'D03'),
  one('links split', split, 'T10', 'D12'),
  {
    ...one('equal files made one', [], 'T11', 'D12'),
    before: each(base, ...split),
    after: base,
  },
  {
    ...one('small files in objects', [], 'T12', 'D16', {
      before: [...base.slice(0, 5), '/etc 0 40755 2 0 0 0 140.0 - - -', '/etc/motd 7 100644 1 1 1 0 131.2 - welcome -'],
    }),
    after: [...base.slice(0, 5), '/etc 0 40755 2 0 0 0 140.0 - - -', '/etc/motd 7 100644 1 1 1 0 131.2 PATH - DIGEST'],
    content: 'welcome',
  },
  {
    ...one('small files in the image', [], 'T12', 'D16'),
    before: [...base.slice(0, 5), '/etc 0 40755 2 0 0 0 140.0 - - -', '/etc/motd 7 100644 1 1 1 0 131.2 PATH - DIGEST'],
    after: [...base.slice(0, 5), '/etc 0 40755 2 0 0 0 140.0 - - -', '/etc/motd 7 100644 1 1 1 0 131.2 - welcome -'],
    content: 'welcome',
  },
  one('digests left out', [replace(/ - [0-9a-f]{64}/, ' - -')], 'T13', 'D18'),
  {
    ...one('digests added', [], 'T13', 'D18'),
    before: each(base, replace(/ - [0-9a-f]{64}/, ' - -')),
    after: base,
  },
  one('symlinks 0777', [replace(/ 120755 /, ' 120777 ')], 'T14', 'D21'),
  one('runtime stubs left out', [without(/^\/(?:etc\/hosts|dev\/console) /)], 'T15', 'D22'),
  {
    ...one('owners shifted', [], 'T16', 'D20'),
    before: each(base, replace(/ (\d+) (\d+) (\d+) (?=\d+ \d+\.)/, ' $1 10$2000 10$3000 ')),
    after: each(base, replace(/ (\d+) (\d+) (\d+) (?=\d+ \d+\.)/, ' $1 $2000 $3000 ')).map((line) =>
      line.replaceAll(' 0000 ', ' 0 ').replace(' 0000 ', ' 0 '),
    ),
  },
  {
    ...one('a whiteout, for which another tool takes format 1', [], 'T17', 'D13', { before: whiteout }),
    versions: [0, 1],
  },
  {
    ...one('links counted', [], 'T18', 'D24', { versions: [0, 0] }),
    before: each(base, replace(/100755 2/, '100755 7')),
    after: base,
  },
  {
    ...one('nanoseconds, and times of directories', [], 'T2', 'D05'),
    after: each(base, noNanoseconds, (line) => (isFolder.test(line) ? line.replace(MTIME, ' 0.0 ') : line)),
    found: ['T2', 'T9'],
    causes: ['D05', 'D03'],
  },
  {
    ...one('the root as /usr and no labels, in another format', [], 'T4', 'D09'),
    after: each(base, rootOfUsr, noLabels),
    versions: [1, 2],
    found: ['T4', 'T7', 'T1'],
    causes: ['D09', 'D04', 'D02'],
  },
  {
    ...one('composefs-rs --bootable of a directory, in format 2', [], 'T4', 'D09'),
    after: each(base, rootOfUsr, noUser, noLabels, ...runOfUsr, ...bootOfUsr('180.4', '180.6')),
    versions: [1, 2],
    found: ['T4', 'T5', 'T3', 'T6', 'T1'],
    causes: ['D09', 'D11', 'D04', 'D07', 'D02'],
  },
  {
    ...one('composefs-rs --bootable, whose policy makes the labels that are there', [], 'T4', 'D09'),
    before: each(base, at('/', replace(/:usr_t:/, ':root_t:')), (line) =>
      line.startsWith('/etc/motd') ? `${line} trusted.note=1` : line,
    ),
    // the policy gives the root its own label again
    after: each(
      base,
      rootOfUsr,
      at('/', replace(/:usr_t:/, ':root_t:')),
      noUser,
      ...runOfUsr,
      ...bootOfUsr('180.4', '180.6'),
    ),
    versions: [0, 1],
    found: ['T4', 'T5', 'T3', 'T6', 'T1'],
    causes: ['D09', 'D11', 'D04', 'D07', 'D02'],
  },
  {
    ...one('composefs-rs --bootable of tars without nanoseconds', [], 'T4', 'D09'),
    after: each(base, rootOfUsr, noUser, noLabels, ...runOfUsr, ...bootOfUsr('180.0', '180.0'), noNanoseconds),
    found: ['T4', 'T5', 'T3', 'T6', 'T2'],
    causes: ['D09', 'D11', 'D04', 'D07', 'D05'],
  },
  {
    ...one('composefs-rs of a directory', [], 'T4', 'D09'),
    after: each(base, rootOfUsr, noUser, noLabels, ...runOfUsr),
    found: ['T4', 'T5', 'T3'],
    causes: ['D09', 'D11', 'D04'],
  },
];
