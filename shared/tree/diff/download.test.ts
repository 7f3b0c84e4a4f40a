import { expect, test } from 'vitest';
import { openDump } from '../../composefs/dump-reader/dump-reader.ts';
import { Random } from '../../testing/random.ts';
import { finish } from '../../steps.ts';
import type { Image } from '../image.ts';
import { planDownload } from './download.ts';

interface Wanted {
  readonly digest: string;
  readonly size: number;
  readonly folder: string;
}

const imageOf = (files: readonly Wanted[]): Image => {
  const lines = ['/ 0 40755 2 0 0 0 0.0 - - -', '/x 0 40755 2 0 0 0 0.0 - - -', '/y 0 40755 2 0 0 0 0.0 - - -'];
  files.forEach(({ digest, size, folder }, index) => {
    lines.push(`/${folder}/f${index} ${size} 100644 1 0 0 0 0.0 ${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`);
  });
  return openDump(Buffer.from(`${lines.join('\n')}\n`));
};

const sumOf = (files: ReadonlyMap<string, number>) => ({
  objects: files.size,
  bytes: [...files.values()].reduce((total, size) => total + size, 0),
});

test('random objects, many of them shared, many with digests that begin alike, are summed as sets are', () => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const generator = new Random(seed);
    const below = (limit: number): number => generator.int(limit);
    const pool = Array.from({ length: 60 }, (_, index) => {
      const start =
        below(2) === 0
          ? 'abcd'
          : below(1 << 16)
              .toString(16)
              .padStart(4, '0');
      return `${start}${String(index).padStart(60, '0')}`;
    });
    const side = (): readonly Wanted[] =>
      Array.from({ length: 1 + below(80) }, () => {
        const index = below(pool.length);
        return { digest: pool[index] ?? '', size: 100 + index, folder: below(2) === 0 ? 'x' : 'y' };
      });
    const [a, b] = [side(), side()];
    const setOf = (files: readonly Wanted[]) => new Map(files.map(({ digest, size }) => [digest, size]));
    const [setA, setB] = [setOf(a), setOf(b)];
    const stored = new Set([...setB.keys()].filter(() => below(4) === 0));
    const image = imageOf(b);
    const digestOf = (entry: number): string => {
      const at = image.table.digestOffset[entry] ?? 0;
      return Buffer.from(image.table.bytes.subarray(at, at + 32)).toString('hex');
    };
    const pick = (of: ReadonlyMap<string, number>, keep: (digest: string) => boolean) =>
      sumOf(new Map([...of].filter(([digest]) => keep(digest))));
    const plan = finish(planDownload(imageOf(a), image, { isStored: (entry) => stored.has(digestOf(entry)) }));
    expect(plan, `seed ${seed}`).toMatchObject({
      wanted: sumOf(setB),
      shared: pick(setB, (digest) => setA.has(digest)),
      inStores: pick(setB, (digest) => !setA.has(digest) && stored.has(digest)),
      missing: pick(setB, (digest) => !setA.has(digest) && !stored.has(digest)),
      dropped: pick(setA, (digest) => !setB.has(digest)),
    });
    expect(plan.folders.reduce((total, { objects }) => total + objects, 0)).toBe(plan.missing.objects);
  }
});
