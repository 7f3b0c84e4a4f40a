import { describe, expect, it } from 'vitest';
import { Random } from '../testing/random.ts';
import { randomTree } from '../testing/random-tree.ts';
import { backed, dir, file, imageOf } from '../testing/table-of.ts';
import type { Image } from './image.ts';
import { indexObjects, type ObjectIndex } from './objects.ts';
import { digestBytes, redirectBytes } from './row.ts';
import { hexOfBytes } from './text.ts';

/** As the type says it, with strings. */
function naive({ table }: Image): ObjectIndex {
  const numbers = new Map<string, number>();
  const firstEntry: number[] = [];
  const ofEntry = new Int32Array(table.count).fill(-1);
  for (let entry = 0; entry < table.count; entry += 1) {
    const redirect = redirectBytes(table, entry);
    if (redirect === undefined) continue;
    const digest = digestBytes(table, entry);
    const key = `${hexOfBytes(redirect)} ${digest && hexOfBytes(digest)} ${table.size[entry]}`;
    if (!numbers.has(key)) {
      numbers.set(key, numbers.size);
      firstEntry.push(entry);
    }
    ofEntry[entry] = numbers.get(key) ?? -1;
  }
  return { count: numbers.size, ofEntry, firstEntry: Uint32Array.from(firstEntry) };
}

describe('indexObjects', () => {
  it('takes redirect, digest and size together for one object', () => {
    const image = imageOf(
      dir({
        a: backed(1, 100),
        b: backed(2, 100),
        c: backed(1, 100),
        d: backed(1, 101),
        e: file({ redirect: '00/x', size: 100 }),
        f: file({ redirect: '00/x', size: 100, digest: '1'.repeat(64) }),
        g: file({ redirect: '00/x', size: 100 }),
        h: file({ redirect: '00/x', size: 100, digest: '1'.repeat(128) }),
      }),
    );
    const index = indexObjects(image);
    expect(index.count).toBe(6);
    expect([...index.ofEntry]).toEqual([-1, 0, 1, 0, 2, 3, 4, 3, 5]);
    expect([...index.firstEntry]).toEqual([1, 2, 4, 5, 6, 8]);
  });

  it('gives no object to what has no redirect', () => {
    const image = imageOf(dir({ a: file({ content: 'x' }), b: file({ digest: '1'.repeat(64), size: 1 }), c: dir() }));
    expect([...indexObjects(image).ofEntry]).toEqual([-1, -1, -1, -1]);
    expect(indexObjects(image).count).toBe(0);
  });

  it.each([
    ['by hash', undefined],
    ['by sorting, where hashes collide too often', -1],
  ])('agrees with a map of strings, %s', (_, maxProbes) => {
    for (let seed = 0; seed < 100; seed += 1) {
      const image = randomTree(new Random(seed), 200);
      expect(indexObjects(image, maxProbes)).toEqual(naive(image));
    }
  });

  it('ends soon where all digests have one hash', () => {
    // Digests and sizes that agree in all that is hashed, and differ behind it.
    const children = Object.fromEntries(
      Array.from({ length: 100_000 }, (__, i) => [
        `f${i}`,
        file({ size: 9, redirect: 'x', digest: '0'.repeat(48) + i.toString(16).padStart(16, '0') }),
      ]),
    );
    const image = imageOf(dir(children));
    // 0.3 s; without the guard, minutes.
    const start = performance.now();
    expect(indexObjects(image).count).toBe(100_000);
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
