import { describe, expect, it } from 'vitest';
import { recogniseBytes } from './recognise-bytes.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function bytes(length: number, ...at: readonly (readonly [number, ArrayLike<number>])[]): Uint8Array {
  const head = new Uint8Array(length);
  for (const [offset, values] of at) head.set(Array.from(values), offset);
  return head;
}

const COMPOSEFS = [0x9a, 0x62, 0x78, 0xd0];
const CFS = [0x9a, 0x62, 0x78, 0xc0];
const EROFS = [0xe2, 0xe1, 0xf5, 0xe0];
/** A seventies tar header: no magic, so only its checksum tells. */
function oldTar(): Uint8Array {
  const head = bytes(512, [0, text('usr/')], [100, text('0000755\0')], [148, text('        ')]);
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.set(text(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return head;
}

describe('the first bytes', () => {
  it.each([
    ['nothing', new Uint8Array(), 'empty'],
    ['a composefs header', bytes(4096, [0, COMPOSEFS], [1024, EROFS]), 'composefs'],
    ['a composefs header cut off', bytes(20, [0, COMPOSEFS]), 'composefs'],
    ['an EROFS superblock', bytes(4096, [1024, EROFS]), 'erofs'],
    ['a 2023 header of two inodes', bytes(4096, [0, [1]], [4, CFS], [8, [0x40, 1]]), 'cfs'],
    ['a 2023 header, first generation', bytes(4096, [0, [1]], [4, CFS], [8, [0x40, 1]], [16, [9]]), 'cfs-first'],
    ['a 2023 header whose table has a part of an inode', bytes(4096, [0, [1]], [4, CFS], [8, [0x41, 1]]), 'cfs-first'],
    ['a splitstream', bytes(64, [0, text('SplitStream')]), 'splitstream'],
    ['an old splitstream', bytes(64, [18, text('SplitStream')]), 'splitstream'],
    ['gzip', bytes(64, [0, [0x1f, 0x8b, 8]]), 'gzip'],
    ['zstd', bytes(64, [0, [0x28, 0xb5, 0x2f, 0xfd]]), 'zstd'],
    ['xz', bytes(64, [0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]]), 'xz'],
    ['bzip2', text('BZh91AY&SY'), 'bzip2'],
    ['a tar', bytes(512, [257, text('ustar\0')]), 'tar'],
    ['a tar of the seventies', oldTar(), 'tar'],
    ['a dump', text('/ 0 40755 2 0 0 0 0.0 - - -\n/a 0 100644 1 0 0 0 0.0 - - -\n'), 'dump'],
    ['a dump with xattrs at the root', text('/ 4096 40555 2 0 0 0 -1.5 - - - user.a=b'), 'dump'],
    ['a dump whose root is a file', text('/ 0 100755 2 0 0 0 0.0 - - -\n'), 'unknown'],
    ['a path', text('/ is the root of the file system\n'), 'unknown'],
    ['zeros', bytes(4096), 'unknown'],
    ['a picture', Uint8Array.of(0x89, 0x50, 0x4e, 0x47), 'unknown'],
  ])('of %s are told', (_, head, kind) => {
    expect(recogniseBytes(head)).toBe(kind);
  });

  it('are told from a view into a larger buffer, too', () => {
    expect(recogniseBytes(bytes(64, [7, COMPOSEFS]).subarray(7))).toBe('composefs');
  });
});
