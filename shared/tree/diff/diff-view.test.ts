import { expect, test } from 'vitest';
import { NO_NOISE } from '../../contract/compare-values.ts';
import { dir, file, imageOf } from '../../testing/table-of.ts';
import { compareTrees } from './compare-trees.ts';
import { ALL_DIFFERENCES, DiffView } from './diff-view.ts';
import { withoutNoise, type Seen } from './noise.ts';

const a = imageOf(
  dir({ etc: dir({ changed: file({ mtime: 1 }), same: file() }), gone: file(), usr: dir({ same: file() }) }),
);
const b = imageOf(
  dir({ etc: dir({ changed: file({ mtime: 2 }), same: file() }), new: file(), usr: dir({ same: file() }) }),
);
const diff = compareTrees(a, b);
const all: Seen = { changes: diff.changes, differing: diff.differing, ignored: 0 };
const newView = (): DiffView => new DiffView(diff, all);
const names = (view: DiffView): readonly string[] =>
  view.rows(0, view.total).map(({ name, depth, status }) => `${'  '.repeat(depth)}${name} ${status}`);

test('at first only differences show, with the directories that they lie in open', () => {
  const view = newView();
  expect(names(view)).toEqual(['/ equal', '  etc equal', '    changed changed', '  gone removed', '  new added']);
  expect(view.matches).toBe(3);
  expect(view.row(0).below).toEqual({ changed: 1, added: 1, removed: 1, moved: 0, renamed: 0 });
});

test('a filter by status, by attribute or by text leaves what matches and what it lies in', () => {
  const view = newView();
  view.setFilter({ ...ALL_DIFFERENCES, statuses: ['added'] });
  expect(names(view)).toEqual(['/ equal', '  new added']);
  view.setFilter({ ...ALL_DIFFERENCES, attributes: ['mtime'] });
  expect(names(view)).toEqual(['/ equal', '  etc equal', '    changed changed']);
  view.setFilter({ ...ALL_DIFFERENCES, text: 'name:same', onlyDifferences: false });
  expect(view.matches).toBe(2);
});

test('a filter that is wrong is told, and the rows stay', () => {
  const view = newView();
  const before = names(view);
  expect(view.setFilter({ ...ALL_DIFFERENCES, text: 'size:x' })).toMatch(/./);
  expect(names(view)).toEqual(before);
});

test('what is closed hides what is in it, until it is revealed', () => {
  const view = newView();
  view.setExpanded(0, false, true);
  expect(names(view)).toEqual(['/ equal']);
  const { row } = { row: [...diff.differing][0] ?? 0 };
  expect(view.indexOf(row)).toBeUndefined();
  expect(view.reveal(row)).toBe(2);
  expect(view.indexOf(row)).toBe(2);
});

test('one walks from difference to difference and around, both ways', () => {
  const view = newView();
  const [first = 0, second = 0, third = 0] = diff.differing;
  expect(view.nextDifference(first, 'next')?.row).toBe(second);
  expect(view.nextDifference(third, 'next')?.row).toBe(first);
  expect(view.nextDifference(first, 'previous')?.row).toBe(third);
});

test('noise that hides the only match leaves nothing to go to', () => {
  const view = newView();
  view.setFilter({ ...ALL_DIFFERENCES, attributes: ['mtime'] });
  const seen = withoutNoise(diff, { ...NO_NOISE, attributes: ['mtime'] });
  if ('fault' in seen) throw new Error(seen.fault.message);
  view.setSeen(seen);
  expect(view.matches).toBe(0);
  expect(view.nextDifference(0, 'next')).toBeUndefined();
});
