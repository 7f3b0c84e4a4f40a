import { describe, expect, it } from 'vitest';
import { Random } from '../testing/random.ts';
import { Bitset } from './bitset.ts';

const members = (set: Bitset): number[] =>
  Array.from({ length: set.size }, (_, row) => row).filter((row) => set.has(row));

describe('Bitset', () => {
  it('agrees with a set of numbers, whatever is done to it', () => {
    const random = new Random(7);
    for (let round = 0; round < 100; round += 1) {
      const size = random.int(200) + 1;
      const bits = new Bitset(size);
      const set = new Set<number>();
      for (let i = 0; i < 20; i += 1) {
        const from = random.int(size);
        const to = from + random.int(size - from + 1);
        const adds = random.chance(0.5);
        if (adds) bits.addRange(from, to);
        else bits.deleteRange(from, to);
        for (let row = from; row < to; row += 1) {
          if (adds) set.add(row);
          else set.delete(row);
        }
      }
      expect(members(bits)).toEqual([...set].toSorted((a, b) => a - b));
      expect(bits.count()).toBe(set.size);
      const walked: number[] = [];
      for (let row = bits.next(0); row < size; row = bits.next(row + 1)) walked.push(row);
      expect(walked).toEqual(members(bits));
    }
  });

  it('combines as sets do', () => {
    const [a, b] = [new Bitset(100), new Bitset(100)];
    a.addRange(0, 60);
    b.addRange(40, 100);
    const both = new Bitset(100);
    both.unite(a);
    both.intersect(b);
    expect(members(both)).toEqual(Array.from({ length: 20 }, (_, i) => 40 + i));
    both.unite(a);
    both.subtract(b);
    expect(members(both)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(both.equals(a)).toBe(false);
    expect(Bitset.full(33).count()).toBe(33);
  });
});
