import { expect, test } from 'vitest';
import { DeathCounter } from './death-counter.ts';

test('waits longer after each death, and gives up at the fifth within a minute', () => {
  const deaths = new DeathCounter();
  expect([0, 1000, 2000, 3000, 4000].map((now) => deaths.died(now))).toEqual([100, 200, 400, 800, undefined]);
  expect(deaths.died(5000)).toBeUndefined();
});

test('a death a minute ago does not count any more', () => {
  const deaths = new DeathCounter();
  expect([0, 20_000, 40_000, 60_000, 80_000, 100_000].map((now) => deaths.died(now))).toEqual([
    100, 200, 400, 400, 400, 400,
  ]);
});

test('starts afresh when told to', () => {
  const deaths = new DeathCounter();
  for (let now = 0; now < 5; now += 1) deaths.died(now);
  deaths.forget();
  expect(deaths.died(6)).toBe(100);
});
