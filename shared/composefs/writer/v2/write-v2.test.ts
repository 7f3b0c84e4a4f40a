import { describe, expect, test } from 'vitest';
import type { CompareAttribute } from '../../../contract/compare-values.ts';
import { randomDump } from '../../../testing/random-dump.ts';
import { Random } from '../../../testing/random.ts';
import { attributesOf, Change } from '../../../tree/diff/change.ts';
import { compareTrees } from '../../../tree/diff/compare-trees.ts';
import type { Image } from '../../../tree/image.ts';
import { VerityDigester, type VerityAlgorithm } from '../../../verity/fs-verity.ts';
import { portableHash } from '../../../verity/portable-hash.ts';
import { hexOfBytes } from '../../../tree/text.ts';
import { openDump } from '../../dump-reader/dump-reader.ts';
import { openImage } from '../../open-image.ts';
import { writeImage, type WriteOptions } from '../write-image.ts';

const V0: WriteOptions = { minVersion: 0, maxVersion: 0 };
const V1: WriteOptions = { minVersion: 1, maxVersion: 1 };
const V2: WriteOptions = { minVersion: 2, maxVersion: 2 };

function verity(bytes: Uint8Array, algorithm: VerityAlgorithm = 'sha256'): string {
  const digester = new VerityDigester({ algorithm, hash: portableHash(algorithm) });
  digester.update(bytes);
  return hexOfBytes(digester.digest());
}
const written = (lines: readonly string[], options = V2): Uint8Array =>
  writeImage(openDump(Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1')), options);

const empty = ['/ 0 40755 2 0 0 0 0.0 - - -'];
const of5a = '5a'.repeat(31);
const simple = [
  ...empty,
  '/blkdev 0 60000 1 0 0 123 0.0 - - -',
  '/chrdev 0 20000 1 0 0 123 0.0 - - -',
  '/fifo 0 10000 1 0 0 0 0.0 - - -',
  `/regular-external 1234 100000 1 0 0 0 0.0 5a/${of5a} - 5a${of5a}`,
  '/regular-inline 4 100000 1 0 0 0 0.0 - hihi -',
  '/socket 0 140000 1 0 0 0 0.0 - - -',
  '/symlink 7 120000 1 0 0 0 0.0 /target - -',
];
const mixed = [
  '/ 0 40755 3 0 0 0 5.0 - - - user.a=1',
  '/a 0 40755 2 0 0 0 6.7 - - - user.a=1',
  '/a/f 4 100644 2 1000 1000 0 7.0 - abcd - security.selinux=x user.a=1',
  '/b 0 100644 1 0 0 0 5.0 - - -',
  '/c 0 @120000 - - - - 0.0 /a/f - -',
  '/w 0 20000 1 0 0 0 8.0 - - -',
];
const pad = [
  ...empty,
  ...Array.from({ length: 34 }, (_, n) => `/f${String(n).padStart(2, '0')} 0 10644 1 0 0 0 0.0 - - -`),
  `/${'g'.repeat(51)} 4 100644 1 0 0 0 0.0 - abcd -`,
  '/h 1 120777 1 0 0 0 0.0 z - -',
];

/**
 * fs-verity digests: of `empty` and `simple`, composefs-rs pins them in its own tests; its writer of 0.6 makes the others too,
 * as far as they are of format 2 and SHA-256.
 */
describe('writes what composefs-rs writes', () => {
  test.each([
    ['an empty tree (pinned)', '086b702a519b57d6ef5aea6f8b3f2be24355cd1fb835cd80fb4e3d388b24d5a5', empty, V2],
    ['the same as format 0', '8f589e8f57ecb88823736b0d857ddca1e1068a23e264fad164b28f7038eb3682', empty, V0],
    ['the same as format 1', '14a26c957c84f6eb774b91205476adc13196c7c33b9dd97d08d43725ecb90b63', empty, V1],
    ['a file of each kind (pinned)', 'a8fcd41f8b313bede69f462f2af0a38d64b99a6333f5df884ea9ab4037fac722', simple, V2],
    ['the same as format 0', '9f3f5620ee0c54708516467d0d58741e7963047c7106b245d94c298259d0fa01', simple, V0],
    ['the same as format 1', 'ad6db6427568a1e4fdc772cbab7b6063f5eb4b33cb62982a740ba9213e5962b5', simple, V1],
    [
      'shared xattrs, a hard link, a whiteout',
      '89471da06b9c13965fc689ea383d808606350bdd0fc875ef76a681be801b3ddd',
      mixed,
      V2,
    ],
    ['the same as format 0', '9b4408b0ed29c48eb74baa35ea43b9415aa4bb6f5b1043e7773c9df3290792c4', mixed, V0],
    ['the same as format 1', '5f4b838f5a6c9da7e8fd979a51a1c17eb97302253ea44c07a44052b5c9a32cc5', mixed, V1],
    [
      'inline data that would begin with a block',
      '2a3696062f51aa50be70161578a65ed751f9b1de938dbf3db8c4b958192d5f23',
      pad,
      V2,
    ],
  ] as const)('%s', (_, digest, lines, options) => {
    expect(verity(written(lines, options))).toBe(digest);
  });

  test.each([
    [
      1,
      '88e106fd10f47cfe4a8532802cc518fc950c87825ef32d8280cdbd9e2c972ab09d7978a74a9ea46e76c4d52947b2be13dd379526c62c6463578b78d2e6a5ed4f',
    ],
    [
      2,
      '6d8585e0b6a684927dce796cc3b61634fd380c9b538394885412cf6a96202815dcf21775bc1c4981ba6f4275733b5a98dbfdec842caaae069fddca7249f0c531',
    ],
  ] as const)('objects with SHA-512 digests, as format %d', (version, digest) => {
    const lines = [...empty, `/x 1234 100000 1 0 0 0 0.0 5a/${'5a'.repeat(63)} - ${'5a'.repeat(64)}`];
    expect(verity(written(lines, { minVersion: version, maxVersion: version }), 'sha512')).toBe(digest);
  });
});

const imageOfText = (text: string, options: WriteOptions): Uint8Array =>
  writeImage(openDump(Buffer.from(text)), options);

/** Format 2 has no nanoseconds, and counts links. */
function otherThanTimesAndLinks(a: Image, b: Image): readonly (readonly CompareAttribute[])[] {
  const { changes, differing } = compareTrees(a, b);
  const bits = [...differing].map((row) => (changes[row] ?? 0) & ~(Change.mtime | Change.nlink));
  return bits.filter((some) => some !== 0).map(attributesOf);
}

describe('from one format to another', () => {
  const tree = [
    ...empty,
    '/d 0 40755 2 0 0 0 6.0 - - - user.overlay.opaque=y',
    '/d/gone 0 20640 1 0 0 0 0.0 - - - user.a=1',
    '/d/keep 2 100644 1 0 0 0 0.0 - hi - trusted.overlay.opaque=y lustre.lov=1',
    '/e 0 40755 2 0 0 0 6.0 - - -',
    '/e/ab 0 20644 1 0 0 0 0.0 - - -',
    '/w 0 100644 1 0 0 0 0.0 - - - trusted.overlay.whiteout= user.overlay.whiteouts=',
  ];
  // what format 1 puts in the place of the directory's own mark is not to be had back
  const plain = tree.map((line) => line.replace(' user.overlay.opaque=y', ''));
  const formats = [V0, V1, V2];

  test.each(formats.flatMap((from) => formats.map((to) => [from.minVersion, to.minVersion, from, to] as const)))(
    'an image of format %d, written as format %d, is what the tree comes to',
    (_, __, from, to) => {
      // formats 0 and 1 have a whiteout where the tree has a file that says it is one
      const lines = from === V2 ? tree : (from === V1 ? plain : tree).slice(0, -1);
      expect(verity(writeImage(openImage(written(lines, from)), to))).toBe(verity(written(lines, to)));
    },
  );

  test('a file of format 2 is no whiteout, whatever its xattrs are', () => {
    const image = written(tree);
    expect(verity(writeImage(openImage(image), V2))).toBe(verity(image));
  });

  test.each(Array.from({ length: 30 }, (_, seed) => seed + 1))(
    'random tree %d is the same in format 1 and 2, and the same image when it was read',
    (seed) => {
      const text = randomDump(new Random(seed), seed % 2 === 0 ? 64 : 128);
      const image = imageOfText(text, V2);
      const opened = openImage(image);
      expect(opened.problems).toEqual([]);
      expect(Buffer.compare(writeImage(opened, V2), image)).toBe(0);
      // what format 1 loses where there are whiteouts
      const bare = text.replace(/ (?:user|trusted)\.overlay\.\S*/g, '');
      const [v1, v2] = [openImage(imageOfText(bare, V1)), openImage(imageOfText(bare, V2))];
      expect(otherThanTimesAndLinks(v1, v2)).toEqual([]);
    },
  );
});

/** Two inodes that have the same xattrs. */
function sharing(count: number): readonly string[] {
  const xattrs = Array.from({ length: count }, (_, n) => `user.n${n}=`).join(' ');
  return ['/a', '/b'].map((path) => `${path} 0 10644 1 0 0 0 0.0 - - - ${xattrs}`);
}

describe('what composefs-rs has of its own', () => {
  const object = `5a/${of5a}`;
  test('objects are named by their digests, whatever the dump calls them', () => {
    const named = [...empty, `/x 9 100644 1 0 0 0 0.0 objects/x.file - 5a${of5a}`];
    expect(verity(written(named))).toBe(verity(written([...empty, `/x 9 100644 1 0 0 0 0.0 ${object} - 5a${of5a}`])));
  });

  test('a file in an object without a digest has that object, and no chunk', () => {
    const bytes = written([...empty, `/x 9 100644 1 0 0 0 0.0 store/${object} - -`, '/y 0 10644 1 0 0 0 0.0 - - -']);
    const image = openImage(bytes);
    expect(image.content(1)).toMatchObject({ kind: 'object', digest: undefined });
    expect(Buffer.from(image.table.bytes).includes(`/${object}`)).toBe(true);
    // header 64, xattrs 12 + 20 + 88
    expect((image.table.inode[2] ?? 0) - (image.table.inode[1] ?? 0)).toBe(Math.ceil(184 / 32));
    expect(verity(writeImage(image, V2))).toBe(verity(bytes));
  });

  test('a file that only says how large it is', () => {
    const bytes = written([...empty, '/x 9 100644 1 0 0 0 0.0 - - -']);
    expect(openImage(bytes).content(1)).toMatchObject({ redirect: undefined, digest: undefined });
    expect(verity(writeImage(openImage(bytes), V2))).toBe(verity(bytes));
  });

  test.each([
    [
      'content of more than 512 bytes',
      `/x 513 100644 1 0 0 0 0.0 - ${'x'.repeat(513)} -`,
      /at most 512 bytes in format 2/,
    ],
    ['a target of more than 1024', `/x 1025 120777 1 0 0 0 0.0 ${'x'.repeat(1025)} - -`, /1 to 1024 bytes in format 2/],
    ['a digest without a path', `/x 9 100644 1 0 0 0 0.0 - - 5a${of5a}`, /no path of its object/],
    ['a path that is no digest', '/x 9 100644 1 0 0 0 0.0 a/b - -', /“a\/b” is none made of one/],
  ])('refuses %s', (_, line, message) => {
    expect(() => written([...empty, line])).toThrow(
      expect.objectContaining({ path: '/x', message: expect.stringMatching(message) }),
    );
  });

  test('refuses a whiteout with two names, as composefs-rs does', () => {
    const lines = [...empty, '/a 0 20000 2 0 0 0 0.0 - - -', '/b 0 @20000 2 0 0 0 0.0 /a - -'];
    expect(() => written(lines)).toThrow(expect.objectContaining({ path: '/b', code: 'unsupported' }));
  });

  test('refuses more shared xattrs on one inode than its byte counts', () => {
    expect(openImage(written([...empty, ...sharing(255)])).xattrs(1)).toHaveLength(255);
    expect(() => written([...empty, ...sharing(256)])).toThrow(expect.objectContaining({ path: '/a', code: 'limit' }));
  });
});
