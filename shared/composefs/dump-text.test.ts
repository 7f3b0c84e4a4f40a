import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ImageError } from '../erofs/image-error.ts';
import { validImage, validImages } from '../testing/images.ts';
import { Random } from '../testing/random.ts';
import { backed, broken, char, dir, file, imageOf, symlink } from '../testing/table-of.ts';
import type { Image } from '../tree/image.ts';
import { Flag } from '../tree/table.ts';
import type { ByteSink } from './dump-bytes.ts';
import { writeObjects } from './dump-objects.ts';
import { writeDump, writeLs } from './dump-text.ts';
import type { DumpFault, DumpOptions } from './dump-text.ts';
import { openImage } from './open-image.ts';

/** What a listing writes, as Latin-1: a letter a byte. */
function written(write: (sink: ByteSink) => void): string {
  const parts: Uint8Array[] = [];
  write((bytes) => parts.push(bytes.slice()));
  return Buffer.concat(parts).toString('latin1');
}

const lsOf = (image: Image, options?: DumpOptions): string => written((sink) => writeLs(image, sink, options));
const dumpOf = (image: Image, options?: DumpOptions): string => written((sink) => writeDump(image, sink, options));
/** The lines behind the root's. */
const linesOf = (image: Image, options?: DumpOptions): string[] => dumpOf(image, options).split('\n').slice(1, -1);

const names = (...list: readonly string[]): Uint8Array[] => list.map((name) => Buffer.from(name));
const golden = (name: string): string => readFileSync(new URL(`testdata/${name}`, import.meta.url), 'latin1');

describe('of an image that mkcomposefs made', () => {
  const image = openImage(validImage('everything-v1.cfs'));

  test('ls prints what composefs-info prints', () => expect(lsOf(image)).toBe(golden('everything-v1.ls')));
  test('dump prints what composefs-info prints', () => expect(dumpOf(image)).toBe(golden('everything-v1.dump')));
  test('without eachXattr, the lines are the same', () => {
    const slow: Image = {
      kind: image.kind,
      table: image.table,
      formatVersion: image.formatVersion,
      problems: image.problems,
      problemsOmitted: image.problemsOmitted,
      facts: image.facts,
      xattrs: (entry) => image.xattrs(entry),
      content: (entry) => image.content(entry),
      mtimeSeconds: (entry) => image.mtimeSeconds(entry),
      fields: (entry) => image.fields(entry),
    };
    expect(dumpOf(slow)).toBe(golden('everything-v1.dump'));
  });
  test('a filter keeps whole entries of the root', () => {
    expect(lsOf(image, { filter: names('dir', 'fifo') })).toBe('/dir/\t\n/dir/gone\n/fifo\n');
    expect(linesOf(image, { filter: names('nothing') })).toEqual([]);
    expect(dumpOf(image, { filter: [] })).toMatch(/^\/ 4096 40755 [^\n]*\n$/);
  });
});

/** As dump-format.md, "Escapes", has it. */
function escapedByte(byte: number): string {
  const short = { 0x0a: '\\n', 0x0d: '\\r', 0x09: '\\t', 0x5c: '\\\\' }[byte];
  if (short !== undefined) return short;
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}

describe('escapes', () => {
  test('ls keeps the spaces of paths but not of targets, and breaks no line', () => {
    const image = imageOf(dir({ 'a b\\x0a\\xff\\\\\\x7f=': symlink('to where\\x09') }));
    expect(lsOf(image)).toBe('/a b\\n\\xff\\\\\\x7f=\t-> to\\x20where\\t\n');
  });

  test('dump escapes an equals sign in xattrs alone, and a dash where it stands alone', () => {
    const image = imageOf(
      dir({ 'x=y': file({ content: '-', xattrs: { 'user.a=b': '-=', 'user.z': '' } }), '-': symlink('-') }),
    );
    expect(linesOf(image)).toEqual([
      '/- 1 120777 1 0 0 0 0.0 \\x2d - -',
      '/x=y 1 100644 1 0 0 0 0.0 - \\x2d - user.a\\x3db=-\\x3d user.z=',
    ]);
  });

  test('every byte comes out as composefs-info has it, wherever it stands among others', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      for (let place = 0; place < 5; place += 1) {
        const value = new Uint8Array(9).fill(0x61);
        value[place] = byte;
        const [line = ''] = linesOf(imageOf(dir({ f: file({ xattrs: { k: value } }) })));
        const wanted = Array.from(value, (each) => (each === 0x3d ? '\\x3d' : escapedByte(each))).join('');
        expect(line.slice(line.indexOf(' k=') + 3)).toBe(wanted);
      }
    }
  });

  test('names, paths and content of any length come whole', () => {
    const long = 'n'.repeat(255);
    const deep = (levels: number): ReturnType<typeof dir> =>
      levels === 0 ? dir({ f: file({ content: 'c\\x00'.repeat(300_000) }) }) : dir({ [long]: deep(levels - 1) });
    const lines = linesOf(imageOf(deep(40)));
    expect(lines).toHaveLength(41);
    const path = `${`/${long}`.repeat(40)}/f`;
    expect(lines.at(-1)).toBe(`${path} 600000 100644 1 0 0 0 0.0 - ${'c\\x00'.repeat(300_000)} -`);
  });
});

describe('numbers', () => {
  test('are decimal, but for the mode', () => {
    const image = imageOf(
      dir({
        f: backed(1, 2 ** 53, { mode: 0o7777, uid: 0xffff_ffff, gid: 10, nlink: 123, mtime: -12, nsec: 4_000_000_000 }),
        c: char(0xffff_ffff),
      }),
    );
    const digest = '00000001'.repeat(8);
    expect(linesOf(image)).toEqual([
      '/c 0 20000 1 0 0 4294967295 0.0 - - -',
      `/f 9007199254740992 107777 123 4294967295 10 0 -12.4000000000 ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`,
    ]);
  });

  test('a time beyond 2^53 is exact', () => {
    const image = imageOf(dir({ f: file({ mtime: 2 ** 63 }) }));
    const exact = { ...image, mtimeSeconds: () => 9_223_372_036_854_775_807n };
    expect(linesOf(exact)).toEqual(['/f 0 100644 1 0 0 0 9223372036854775807.0 - - -']);
  });
});

describe('hard links', () => {
  const image = imageOf(
    dir({
      a: dir({ one: file({ inode: 7, content: 'x', nlink: 3 }) }),
      'b c': file({ inode: 7, content: 'x', nlink: 3 }),
      c: backed(1, 5, { inode: 8 }),
      d: backed(1, 5, { inode: 8 }),
    }),
  );

  test('are the second name of an inode: dump names the first, ls the path alone', () => {
    expect(linesOf(image).slice(2)).toEqual([
      '/b\\x20c 1 @100644 3 0 0 0 0.0 /a/one x -',
      expect.stringMatching(/^\/c 5 100644 1 0 0 0 0.0 00\//),
      expect.stringMatching(/^\/d 5 @100644 1 0 0 0 0.0 \/c - 0{7}1/),
    ]);
    expect(lsOf(image).split('\n').slice(2, 5)).toEqual(['/b c', expect.stringContaining('/c\t@ '), '/d']);
  });

  test('a filter that leaves the first name out makes the second the first', () => {
    expect(linesOf(image, { filter: names('b c', 'd') })).toEqual([
      '/b\\x20c 1 100644 3 0 0 0 0.0 - x -',
      expect.stringMatching(/^\/d 5 100644 /),
    ]);
  });
});

describe('what composefs-info 1.0.8 prints wrong is printed right', () => {
  test('a redirect of a multiple of 4 bytes ends where it ends', () => {
    expect(lsOf(imageOf(dir({ f: file({ size: 9, redirect: 'a/b' }) })))).toBe('/f\t@ a/b\n');
  });

  test('a SHA-512 digest is printed', () => {
    const digest = 'c0'.repeat(64);
    const [line] = linesOf(imageOf(dir({ f: file({ size: 9, redirect: 'a/b', digest }) })));
    expect(line).toBe(`/f 9 100644 1 0 0 0 0.0 a/b - ${digest}`);
  });

  test('whiteouts as devices 0:0 are printed, also two names of one, and stubs are not', () => {
    const gone = char(0, { mode: 0o644, inode: 5 });
    const image = imageOf(dir({ ff: char(0), gone, d: dir({ '00': char(0), gone }) }));
    expect(lsOf(image)).toBe('/d/\t\n/d/00\n/d/gone\n/gone\n');
    expect(linesOf(image).slice(1)).toEqual([
      '/d/00 0 20000 1 0 0 0 0.0 - - -',
      '/d/gone 0 20644 1 0 0 0 0.0 - - -',
      '/gone 0 @20644 1 0 0 0 0.0 /d/gone - -',
    ]);
  });

  test('an xattr without suffix and value is printed', () => {
    const image = imageOf(dir({ f: file({ xattrs: { 'user.a': '1', 'system.posix_acl_access': '' } }) }));
    expect(linesOf(image)).toEqual(['/f 0 100644 1 0 0 0 0.0 - - - user.a=1 system.posix_acl_access=']);
  });
});

describe("overlay's xattrs", () => {
  const xattrs = {
    'trusted.overlay.opaque': 'y',
    'trusted.overlay.overlay.opaque': 'x',
    'trusted.overlay.overlay.whiteouts': '',
    'trusted.overlay.overlay.overlay.redirect': '/a',
    'user.overlay.whiteouts': '',
    'user.overlay.opaque': 'x',
    'trusted.overlayed': '1',
  };

  test('of a composefs image are left out, and those of the source tree unescaped', () => {
    expect(dumpOf(imageOf(dir({}, { xattrs })))).toBe(
      '/ 0 40755 1 0 0 0 0.0 - - - trusted.overlay.opaque=x trusted.overlay.overlay.redirect=/a user.overlay.opaque=x trusted.overlayed=1\n',
    );
  });

  test('of a plain EROFS image are its own, but for those that say where the bytes are', () => {
    const image = imageOf(
      dir(
        {
          f: backed(1, 5, {
            xattrs: {
              'trusted.overlay.metacopy': '',
              'trusted.overlay.redirect': '/a',
              'trusted.overlay.origin': 'o',
            },
          }),
        },
        { xattrs },
      ),
      { kind: 'erofs' },
    );
    const [root, line] = dumpOf(image).split('\n');
    expect(root).toContain(' trusted.overlay.opaque=y trusted.overlay.overlay.opaque=x ');
    expect(line).toMatch(/ 0{7}1\d+ trusted\.overlay\.origin=o$/);
  });

  test('an escaped whiteout is a device 0:0, and elsewhere its xattr is the own of the source', () => {
    const marks = { 'trusted.overlay.overlay.whiteout': '', 'user.overlay.whiteout': '' };
    const image = imageOf(
      dir({ d: dir({}, { xattrs: marks }), w: file({ mode: 0o600, flags: Flag.escapedWhiteout, xattrs: marks }) }),
    );
    expect(linesOf(image)).toEqual([
      '/d 0 40755 1 0 0 0 0.0 - - - trusted.overlay.whiteout=',
      '/w 0 20600 1 0 0 0 0.0 - - -',
    ]);
    expect(lsOf(image)).toBe('/d/\t\n/w\n');
  });

  test('a file that has content and the mark of a whiteout keeps in its line what was read before the mark', () => {
    const mark = { 'trusted.overlay.overlay.whiteout': '' };
    const flags = Flag.escapedWhiteout;
    const image = imageOf(
      dir({
        a: backed(1, 5, {
          flags,
          xattrs: { 'trusted.overlay.metacopy': 'm', ...mark, 'trusted.overlay.redirect': 'r' },
        }),
        b: file({ content: 'abc', flags, xattrs: mark }),
      }),
    );
    expect(linesOf(image)).toEqual([
      `/a 0 20644 1 0 0 0 0.0 - - ${'00000001'.repeat(8)}`,
      '/b 0 20644 1 0 0 0 0.0 -  -',
    ]);
  });
});

function faultsOf(image: Image): { readonly lines: string[]; readonly faults: DumpFault[] } {
  const faults: DumpFault[] = [];
  return { lines: linesOf(image, { onFault: (fault) => faults.push(fault) }), faults };
}

describe('what cannot be read', () => {
  test('an entry without a readable inode has a path, and no line', () => {
    const image = imageOf(dir({ a: broken(), b: file() }));
    expect(lsOf(image)).toBe('/a\n/b\n');
    expect(faultsOf(image)).toEqual({ lines: ['/b 0 100644 1 0 0 0 0.0 - - -'], faults: [] });
  });

  test('an entry whose attributes the reader could not take has no line, a merely odd one has', () => {
    const problem = { severity: 'error', offset: 1, message: '' } as const;
    const image = imageOf(dir({ a: file({ flags: Flag.broken }), b: file({ flags: Flag.broken }), c: file() }), {
      problems: [
        { ...problem, code: 'limit', entry: 1 },
        { ...problem, code: 'corrupt', entry: 2 },
        { ...problem, severity: 'warning', code: 'limit', entry: 3 },
      ],
    });
    expect(faultsOf(image).lines.map((line) => line.slice(0, 2))).toEqual(['/b', '/c']);
    // with problems that were not kept, nothing is known of a broken entry that has none
    const full = { ...image, problems: image.problems.slice(0, 1), problemsOmitted: 1 };
    expect(faultsOf(full).lines.map((line) => line.slice(0, 2))).toEqual(['/c']);
  });

  test('a compressed file has no line, and that is told', () => {
    const image = imageOf(dir({ z: file({ size: 10, flags: Flag.compressed }) }), { kind: 'erofs' });
    expect(faultsOf(image)).toEqual({
      lines: [],
      faults: [{ entry: 1, message: expect.stringContaining('compressed'), offset: undefined }],
    });
  });

  test('content whose place cannot be read has no line, and that is told', () => {
    const image = imageOf(dir({ f: file({ content: 'abc' }), g: symlink('to') }));
    const unreadable: Image = {
      ...image,
      content: () => {
        throw new ImageError('corrupt', 'no such block', { offset: 77 });
      },
    };
    expect(faultsOf(unreadable)).toEqual({
      lines: [],
      faults: [
        { entry: 1, message: 'no such block', offset: 77 },
        { entry: 2, message: 'the target cannot be read', offset: undefined },
      ],
    });
  });

  test('holes are zeros; a file of nothing but holes has no content; one far longer than the image has no line', () => {
    const image = imageOf(
      dir({ a: file({ content: 'abc' }), b: file({ content: 'abc' }), c: file({ content: 'abc' }) }),
    );
    const offset = Buffer.from(image.table.bytes).indexOf('abc');
    image.table.size.set([0, 5, 2 ** 40, 2 ** 40]);
    const extents = [
      [
        { offset, length: 3 },
        { offset: undefined, length: 2 },
      ],
      [{ offset: undefined, length: 2 ** 40 }],
      [
        { offset, length: 3 },
        { offset: undefined, length: 2 ** 40 - 3 },
      ],
    ];
    const holey: Image = { ...image, content: (entry) => ({ kind: 'inline', extents: extents[entry - 1] ?? [] }) };
    const { lines, faults } = faultsOf(holey);
    expect(lines).toEqual(['/a 5 100644 1 0 0 0 0.0 - abc\\x00\\x00 -', `/b ${2 ** 40} 100644 1 0 0 0 0.0 - - -`]);
    expect(faults).toEqual([
      { entry: 3, message: expect.stringContaining('longer than the image'), offset: undefined },
    ]);
  });
});

test('images with random wounds are listed without an error, in time', () => {
  const random = new Random(2);
  const originals = [...validImages().values()];
  let listed = 0;
  for (let round = 0; round < 300; round += 1) {
    const bytes = random.pick(originals).slice();
    for (let wound = 0; wound < 1 + random.int(20); wound += 1) {
      // most of an image is data; where the walk looks is its beginning
      bytes[random.int(random.chance(0.5) ? bytes.length : 8192)] = random.int(256);
    }
    const image = openOrRefuse(random.chance(0.2) ? bytes.subarray(0, random.int(bytes.length)) : bytes);
    if (image === undefined) continue;
    listed += 1;
    const lines = lsOf(image).split('\n').length;
    expect(lines).toBeLessThanOrEqual(image.table.count);
    expect(dumpOf(image, { onFault: () => {} }).split('\n').length).toBeLessThanOrEqual(image.table.count + 1);
    written((sink) => writeObjects([image], sink));
  }
  expect(listed).toBeGreaterThan(100);
});

function openOrRefuse(bytes: Uint8Array): Image | undefined {
  try {
    return openImage(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(ImageError);
    return undefined;
  }
}
