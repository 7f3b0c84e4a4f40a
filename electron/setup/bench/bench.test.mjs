import { describe, expect, it } from 'vitest';
import { busyWarning } from './calibration.mjs';
import { treeLines } from './images.mjs';
import { parseOptions } from './options.mjs';
import { isReached, median } from './statistics.mjs';
import { tableText } from './table.mjs';

describe('options of npm run bench', () => {
  const names = ['open', 'ls'];

  it('measures both sizes, all benchmarks, unless told otherwise', () => {
    expect(parseOptions([], names)).toEqual({ entries: [100_000, 1_000_000], runs: 5, only: [], json: undefined });
    const args = ['--entries', '20_000', '--entries=30,000', '--runs', '2', '--only', 'ls', '--json', 'out.json'];
    expect(parseOptions(args, names)).toEqual({ entries: [20_000, 30_000], runs: 2, only: ['ls'], json: 'out.json' });
  });

  it.each([
    [['--fast'], 'unknown option --fast'],
    [['fast'], 'unknown option fast'],
    [['--runs'], '--runs needs a value'],
    [['--runs', '0'], '--runs needs a number'],
    [['--entries', 'many'], '--entries needs a number'],
    [['--only', 'dump'], 'there is no benchmark dump'],
  ])('refuses %j, and says how it is used', (args, words) => {
    expect(() => parseOptions(args, names)).toThrow(words);
    expect(() => parseOptions(args, names)).toThrow('NAME: open, ls');
  });
});

describe('numbers', () => {
  it('takes the middle of the samples, whatever their order', () => {
    expect(median([10, 9, 200])).toBe(10);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(() => median([])).toThrow('no median');
  });

  it.each([
    ['ratio', 0.5, [5], [10], true],
    ['ratio', 0.5, [6], [10], false],
    ['more', 150, [190], [40], true],
    ['more', 150, [191], [40], false],
    ['most', 50, [50], undefined, true],
    ['most', 50, [51], undefined, false],
    ['least', 95, [95], undefined, true],
    ['least', 95, [94], undefined, false],
  ])('holds samples against a target: %s %d, %j, %j', (kind, value, ours, peer, reached) => {
    const target = /** @type {import('./statistics.mjs').Target} */ ({ kind, value });
    /** @type {import('./statistics.mjs').Row} */
    const row = { what: '', entries: 1_000_000, unit: 'ms', ours, ...(peer && { peer }), target };
    expect(isReached(row)).toBe(reached);
    expect(isReached({ ...row, entries: undefined })).toBe(reached);
    expect(isReached({ ...row, entries: 100_000 })).toBeUndefined();
  });
});

describe('the table', () => {
  it('aligns its columns and says what was missed', () => {
    const text = tableText([
      {
        what: 'open',
        entries: 1_000_000,
        unit: 'ms',
        ours: [800],
        peer: [7300],
        target: { kind: 'ratio', value: 0.1 },
        busy: true,
      },
      { what: 'frames', entries: 1_000_000, unit: '%', ours: [97.25], target: { kind: 'least', value: 95 } },
      { what: 'start', entries: undefined, unit: 'ms', ours: [90], peer: [40], target: { kind: 'more', value: 150 } },
    ]);
    expect(text).toBe(
      [
        'what      entries    ours      peer   ratio  target',
        '──────  ─────────  ──────  ────────  ──────  ─────────────  ─────────────',
        'open    1,000,000  800 ms  7,300 ms  0.11 ×  ≤ 0.10 ×       MISSED (busy)',
        'frames  1,000,000  97.3 %                    ≥ 95 %         ok',
        'start               90 ms     40 ms  2.25 ×  ≤ 150 ms more  ok',
      ].join('\n'),
    );
  });
});

describe('calibration', () => {
  it('says where the machine was slower than it can be', () => {
    const taken = [
      { when: 'before', ms: 100 },
      { when: 'after ls', ms: 120 },
      { when: 'after dump', ms: 250 },
    ];
    expect(busyWarning(taken, 100)).toMatch(/busy.*: after ls \(\+20 %\), after dump \(\+150 %\)$/);
    expect(busyWarning(taken, 80)).toMatch(/busy.*: before \(\+25 %\)/);
    expect(busyWarning(taken.slice(0, 1), 90)).toBeUndefined();
  });
});

describe('the tree that is measured on', () => {
  const lines = [...treeLines(5000)];

  it('is the same each time, and as large as asked for', () => {
    expect(lines).toHaveLength(5000);
    expect([...treeLines(5000)]).toEqual(lines);
    for (const entries of [1000, 1001, 1002, 1003]) expect([...treeLines(entries)]).toHaveLength(entries);
  });

  it('names each entry once, behind the directory that it is in', () => {
    const directories = new Set(['']);
    const seen = new Set();
    for (const line of lines) {
      const [path = '', , mode = ''] = line.split(' ');
      expect(seen.has(path)).toBe(false);
      seen.add(path);
      if (path !== '/') expect(directories).toContain(path.slice(0, path.lastIndexOf('/')));
      if (mode.startsWith('4')) directories.add(path);
    }
  });
});
