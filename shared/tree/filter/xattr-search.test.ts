import { describe, expect, it } from 'vitest';
import { ImageError } from '../../erofs/image-error.ts';
import { dir, file, imageOf } from '../../testing/table-of.ts';
import { Bitset } from '../bitset.ts';
import type { Image } from '../image.ts';
import { bytesOfText, displayBytes } from '../text.ts';
import { xattrIndex } from '../xattr-index.ts';
import { partOf, type Pattern } from './pattern.ts';
import { searchXattrs } from './xattr-search.ts';

const part = (text: string): Pattern => ({ kind: 'part', part: partOf(bytesOfText(text)) });

function find(image: Image, name: string, value?: string): number[] {
  const all = Bitset.full(image.table.count);
  const found = searchXattrs(image, part(name), value === undefined ? undefined : part(value), all);
  return Array.from({ length: image.table.count }, (_, row) => row).filter((row) => found.has(row));
}

/** The same, from the attributes themselves. */
function naive(image: Image, name: string, value = ''): number[] {
  return Array.from({ length: image.table.count }, (_, row) => row).filter((row) =>
    image
      .xattrs(row)
      .some((xattr) => displayBytes(xattr.name).includes(name) && displayBytes(xattr.value).includes(value)),
  );
}

const imageWith = (count: number, xattrsOf: (i: number) => Record<string, string>): Image =>
  imageOf(dir(Array.from({ length: count }, (_, i) => [`f${i}`, file({ xattrs: xattrsOf(i) })] as const)));

describe('searchXattrs', () => {
  it.each<[string, Image]>([
    [
      'few names and values',
      imageWith(50, (i) => ({ 'user.a': `x${i % 3}`, ...(i % 7 === 0 ? { 'user.b': 'x1' } : {}) })),
    ],
    ['more names than are indexed', imageWith(200, (i) => ({ [`user.a${i % 150}`]: `x${i % 5}` }))],
    ['more names than have indexed values', imageWith(60, (i) => ({ [`user.a${i % 20}`]: `x${i % 5}` }))],
    ['more values than are indexed', imageWith(4200, (i) => ({ 'user.a': `x${i}`, 'user.c': 'x1' }))],
  ])('finds what a look at each entry finds: %s', (_, image) => {
    for (const name of ['user', 'a', 'b', 'a1', 'none']) {
      expect(find(image, name), name).toEqual(naive(image, name));
      for (const value of ['x', 'x1', 'x4', '19', 'none']) {
        expect(find(image, name, value), `${name}=${value}`).toEqual(naive(image, name, value));
      }
    }
  });

  it('finds each value of a name that stands twice on an inode', () => {
    const image = imageWith(2, (i) => ({ 'user.a': `x${i}` }));
    const [first, second] = [1, 2].map((row) => image.xattrs(row)[0]);
    const { byteOffset } = image.table.bytes;
    const doubled: Image = {
      ...image,
      eachXattr: (row, visit) => {
        for (const xattr of row === 1 ? [first, second] : [second]) {
          if (xattr !== undefined) visit(xattr.name, xattr.value.byteOffset - byteOffset, xattr.value.length);
        }
      },
    };
    expect(find(doubled, 'user', 'x0')).toEqual([1]);
    expect(find(doubled, 'user', 'x1')).toEqual([1, 2]);
  });

  it('passes over an area that cannot be read', () => {
    const image = imageWith(3, () => ({ 'user.a': 'x' }));
    const wounded: Image = {
      ...image,
      xattrs: (row) => {
        if (row === 2) throw new ImageError('truncated', 'the area ends too soon');
        return image.xattrs(row);
      },
    };
    expect(find(wounded, 'user')).toEqual([1, 3]);
    expect(xattrIndex(wounded).complete).toBe(true);
  });
});
