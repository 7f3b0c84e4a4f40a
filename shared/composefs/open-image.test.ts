import { describe, expect, it } from 'vitest';
import { ImageError } from '../erofs/image-error.ts';
import type { Image } from '../tree/image.ts';
import { Flag } from '../tree/table.ts';
import { lookup, pathOf } from '../tree/path.ts';
import { bytesOfText } from '../tree/text.ts';
import { validImage } from '../testing/images.ts';
import { openImage } from './open-image.ts';

const V0 = 'everything-v0.cfs';
const V1 = 'everything-v1.cfs';

function find(image: Image, path: string): number {
  const entry = lookup(image.table, bytesOfText(path));
  if (entry === undefined) throw new Error(`no ${path}`);
  return entry;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const inodeAt = (image: Image, path: string): number => (image.table.inode[find(image, path)] ?? 0) * 32;
const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

describe('reading what mkcomposefs wrote', () => {
  const image = openImage(validImage(V1));
  const { table } = image;

  it('finds nothing wrong with it', () => {
    expect(image.problems).toEqual([]);
    expect(openImage(validImage(V0)).problems).toEqual([]);
    expect(image.formatVersion).toBe(1);
    expect(openImage(validImage(V0)).formatVersion).toBe(0);
  });

  it('reads compact and extended inodes, times before 1970 to the nanosecond', () => {
    const entry = find(image, '/inline');
    expect([table.uid[entry], table.mtime[entry], table.mtimeNsec[entry]]).toEqual([1000, -5, 999_999_999]);
    expect(image.mtimeSeconds(entry)).toBe(-5n);
    expect(table.uid[find(image, '/inline-block')]).toBe(70000);
  });

  it('locates inline content, in the tail and in whole blocks', () => {
    const tail = image.content(find(image, '/inline'));
    if (tail.kind !== 'inline') throw new Error(tail.kind);
    expect(tail.extents.map(({ offset = 0, length }) => text(table.bytes.subarray(offset, offset + length)))).toEqual([
      'hello',
    ]);
    const blocks = image.content(find(image, '/inline-block'));
    if (blocks.kind !== 'inline') throw new Error(blocks.kind);
    expect(blocks.extents.map(({ length }) => length)).toEqual([4096, 894]);
  });

  it('reads redirect and digest of a backed file, and sees both names of a hard link', () => {
    const content = image.content(find(image, '/backed'));
    if (content.kind !== 'object') throw new Error(content.kind);
    expect(text(content.redirect ?? new Uint8Array())).toBe(`ab/${'ab'.repeat(31)}`);
    expect(content.digest).toEqual(new Uint8Array(32).fill(0xab));
    const [backed, hard] = [find(image, '/backed'), find(image, '/hard')];
    expect(table.inode[hard]).toBe(table.inode[backed]);
    expect((table.flags[hard] ?? 0) & Flag.hardLink).toBe(Flag.hardLink);
    expect((table.flags[backed] ?? 0) & Flag.hardLink).toBe(0);
  });

  it('tells a file without digest from one without path', () => {
    expect(image.content(find(image, '/no-digest'))).toMatchObject({ kind: 'object', digest: undefined });
    expect(image.content(find(image, '/no-path'))).toMatchObject({ kind: 'object', redirect: undefined });
    expect((table.flags[find(image, '/no-path')] ?? 0) & Flag.noRedirect).toBe(Flag.noRedirect);
  });

  it('knows the 256 stubs from a whiteout that was escaped, and an opaque mark', () => {
    const stubs = table.flags.subarray(0, table.count).filter((flags) => (flags & Flag.stub) !== 0).length;
    expect(stubs).toBe(256);
    expect((table.flags[find(image, '/dir/gone')] ?? 0) & Flag.escapedWhiteout).toBe(Flag.escapedWhiteout);
    expect((table.flags[find(image, '/dir')] ?? 0) & Flag.opaque).toBe(0); // x took the place of y: it holds a whiteout
    expect((table.flags[0] ?? 0) & Flag.opaque).toBe(Flag.opaque);
  });

  it('lists shared xattrs behind inline ones, with their full names', () => {
    const names = image
      .xattrs(find(image, '/many/a-rather-long-name-to-fill-blocks-100'))
      .map(({ name, storage }) => [text(name), storage]);
    expect(names).toEqual([
      ['trusted.overlay.metacopy', 'inline'],
      ['trusted.overlay.redirect', 'inline'],
      ['security.selinux', 'shared'],
    ]);
  });

  it('names each field of an inode beside its bytes, without a gap', () => {
    const fields = image.fields(find(image, '/backed'));
    let at = inodeAt(image, '/backed');
    for (const field of fields) {
      expect(field.offset).toBe(at);
      at += field.length;
    }
  });

  it('keeps directories of many blocks in order', () => {
    const many = find(image, '/many');
    expect((table.end[many] ?? 0) - many - 1).toBe(231);
    expect(pathOf(table, many + 231)).toBe('/many/a-rather-long-name-to-fill-blocks-330');
  });
});

describe('reading what mkfs.erofs wrote', () => {
  it.each(['plain.erofs', 'chunk.erofs'])('reads the data of %s, holes and all', (name) => {
    const image = openImage(validImage(name));
    expect(image.kind).toBe('erofs');
    expect(image.problems).toEqual([]);
    const content = image.content(find(image, '/large'));
    if (content.kind !== 'inline') throw new Error(content.kind);
    const whole = content.extents
      .map(({ offset = 0, length }) => text(image.table.bytes.subarray(offset, offset + length)))
      .join('');
    expect(whole).toBe(`${Array.from({ length: 3000 }, (_, index) => index + 1).join('\n')}\n`);
  });
});

/** A valid image with one wound each: what is said of it, at which offset. */
describe('a wounded image', () => {
  const refused: readonly (readonly [string, (bytes: Uint8Array) => Uint8Array | undefined, string, number])[] = [
    ['nothing', () => new Uint8Array(0), 'truncated', 0],
    ['cut in the superblock', (bytes) => bytes.slice(0, 1100), 'truncated', 1100],
    ['another magic', (bytes) => void view(bytes).setUint32(1024, 7, true), 'bad-magic', 1024],
    ['another header version', (bytes) => void view(bytes).setUint32(4, 9, true), 'unsupported', 4],
    [
      'an unknown incompatible feature',
      (bytes) => void view(bytes).setUint32(1024 + 0x50, 0x4000, true),
      'unsupported',
      1024 + 0x50,
    ],
    ['blocks of 2^30 bytes', (bytes) => void view(bytes).setUint8(1024 + 0x0c, 30), 'unsupported', 1024 + 0x0c],
    ['a wrong checksum', (bytes) => void view(bytes).setUint32(1024 + 0x08, 7, true), 'bad-checksum', 1024 + 0x04],
    ['a root that is a file', (bytes) => void view(bytes).setUint16(0x480 + 4, 0o100644, true), 'corrupt', 0x480 + 4],
    ['a root outside', (bytes) => void view(bytes).setUint16(1024 + 0x0e, 0xffff, true), 'truncated', 0xffff * 32],
  ];

  it.each(refused)('with %s is refused', (_, hurt, code, offset) => {
    const bytes = validImage(V0);
    const hurtBytes = hurt(bytes) ?? bytes;
    let caught: unknown;
    try {
      openImage(hurtBytes);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ImageError);
    expect(caught).toMatchObject({ code, offset });
  });

  it('accepts the right checksum', () => {
    const bytes = validImage(V0);
    view(bytes).setUint32(1024 + 0x08, 7, true);
    expect(() => openImage(bytes)).toThrow(/CRC-32C/);
    const wanted = /its bytes have 0x([0-9a-f]{8})/.exec(messageOf(() => openImage(bytes)))?.[1] ?? '';
    view(bytes).setUint32(1024 + 0x04, Number.parseInt(wanted, 16), true);
    expect(openImage(bytes).table.count).toBeGreaterThan(200);
  });

  const marked: readonly (readonly [
    string,
    string,
    string,
    (bytes: Uint8Array, inode: number, image: Image) => number,
  ])[] = [
    ['an i_format bit', '/empty', 'unsupported', (bytes, inode) => (view(bytes).setUint16(inode, 0x8000, true), inode)],
    [
      'a mode without type',
      '/empty',
      'corrupt',
      (bytes, inode) => (view(bytes).setUint16(inode + 4, 0o644, true), inode + 4),
    ],
    [
      'a size above 2^53',
      '/big',
      'limit',
      (bytes, inode) => (view(bytes).setUint32(inode + 12, 0x7fff_ffff, true), inode + 8),
    ],
    ['an empty symlink', '/link', 'corrupt', (bytes, inode) => (view(bytes).setUint32(inode + 8, 0, true), inode + 8)],
    [
      'data behind the end',
      '/inline-block',
      'truncated',
      (bytes, inode) => (view(bytes).setUint32(inode + 16, 0xfff_ffff, true), inode + 16),
    ],
    [
      'an xattr area that is too short',
      '/inline',
      'corrupt',
      (bytes, inode) => {
        const area = inode + 32; // compact: its mtime is the smallest
        view(bytes).setUint16(area + 12 + 2, 0xffff, true);
        return area + 12;
      },
    ],
    [
      'a metacopy of another version',
      '/many/a-rather-long-name-to-fill-blocks-101',
      'corrupt',
      (bytes, _, image) => {
        const digest = image.table.digestOffset[find(image, '/many/a-rather-long-name-to-fill-blocks-101')] ?? 0;
        bytes[digest - 4] = 1;
        return digest - 4;
      },
    ],
    [
      'a redirect with an empty component',
      '/no-digest',
      'corrupt',
      (bytes, _, image) => {
        const redirect = image.table.redirectOffset[find(image, '/no-digest')] ?? 0;
        bytes[redirect] = 0x2f;
        return redirect;
      },
    ],
    [
      'a directory in itself',
      '/dir',
      'corrupt',
      (bytes, inode, image) => {
        // the dirent of /dir gets the root's nid
        const at = dirent(bytes, image, '/dir');
        view(bytes).setUint32(at, 36, true);
        expect(inode).toBeGreaterThan(0x480);
        return 36 * 32;
      },
    ],
    [
      'a nid outside',
      '/empty',
      'truncated',
      (bytes, _, image) => {
        view(bytes).setUint32(dirent(bytes, image, '/empty'), 0x7ff_ffff, true);
        return bytes.length;
      },
    ],
    [
      'a nid of 64 bits',
      '/empty',
      'corrupt',
      (bytes, _, image) => {
        const at = dirent(bytes, image, '/empty');
        view(bytes).setUint32(at + 4, 1, true);
        return at;
      },
    ],
  ];

  it.each(marked)('with %s still shows all others', (_, path, code, hurt) => {
    const bytes = validImage(V0);
    const before = openImage(validImage(V0));
    const offset = hurt(bytes, inodeAt(before, path), before);
    const image = openImage(bytes);
    const errors = image.problems.filter(({ severity }) => severity === 'error');
    expect(
      errors.map((problem) => ({
        code: problem.code,
        offset: problem.offset,
        path: pathOf(image.table, problem.entry ?? 0),
      })),
    ).toEqual([{ code, offset, path }]);
    expect((image.table.flags[errors[0]?.entry ?? 0] ?? 0) & Flag.broken).toBe(Flag.broken);
    expect(find(image, '/many/a-rather-long-name-to-fill-blocks-330')).toBeGreaterThan(0);
  });

  it('whose directory block is damaged loses only what is in it', () => {
    const bytes = validImage(V0);
    const before = openImage(validImage(V0));
    const inode = inodeAt(before, '/many');
    const block = view(bytes).getUint32(inode + 16, true) * 4096;
    view(bytes).setUint16(block + 8, 7, true);
    const image = openImage(bytes);
    expect(image.problems.filter(({ severity }) => severity === 'error')).toMatchObject([
      { code: 'corrupt', offset: block + 8 },
    ]);
    expect(image.table.count).toBeLessThan(before.table.count);
    expect(find(image, '/many/a-rather-long-name-to-fill-blocks-330')).toBeGreaterThan(0);
    expect(lookup(image.table, bytesOfText('/many/a-rather-long-name-to-fill-blocks-100'))).toBeUndefined();
  });

  it('whose file is cut short shows what is left, and says how much is missing', () => {
    const image = openImage(validImage(V0).slice(0, 40960));
    expect(image.problems[0]).toMatchObject({ code: 'truncated', offset: 40960, entry: undefined });
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return '';
}

/** Offset of the dirent of an entry of the root. */
function dirent(bytes: Uint8Array, image: Image, path: string): number {
  const nid = image.table.inode[find(image, path)] ?? 0;
  const block = view(bytes).getUint32(0x480 + 16, true) * 4096;
  for (let at = block; at < block + view(bytes).getUint16(block + 8, true); at += 12) {
    if (view(bytes).getUint32(at, true) === nid) return at;
  }
  const tail = block + 4096;
  for (let at = tail; at < bytes.length; at += 12) if (view(bytes).getUint32(at, true) === nid) return at;
  throw new Error(`no dirent for ${path}`);
}
