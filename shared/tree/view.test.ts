import { describe, expect, it } from 'vitest';
import { verityStatuses, type VerityStatus } from '../contract/status.ts';
import { sortColumns, type Sort } from '../contract/values.ts';
import { Random } from '../testing/random.ts';
import { randomTree } from '../testing/random-tree.ts';
import { backed, broken, char, dir, file, imageOf, symlink } from '../testing/table-of.ts';
import { filterEntries, type TreeContext } from './filter/filter.ts';
import { kindOf } from './format.ts';
import type { Image } from './image.ts';
import { digestBytes, redirectBytes } from './row.ts';
import { children, Flag, isDirectory } from './table.ts';
import { compareBytes } from './text.ts';
import { TreeView } from './view.ts';

const contextOf = (image: Image, statusOf: TreeContext['statusOf'] = () => undefined): TreeContext => ({
  image,
  statusOf,
});

const namesOf = (view: TreeView): string[] =>
  view.rows(0, view.total).map(({ name, depth }) => `${'  '.repeat(depth)}${name}`);

const small = imageOf(
  dir({
    '00': char(0),
    bin: symlink('usr/bin'),
    etc: dir({ passwd: file({ content: 'root', mtime: 9 }), shadow: backed(1, 4, { mtime: 10 }) }),
    usr: dir({ bin: dir({ bash: backed(2, 9000), sh: symlink('bash') }), lib: dir(), Zebra: file() }),
  }),
);

describe('opening and closing', () => {
  it('begins with the root open, all else closed, the stubs hidden', () => {
    expect(namesOf(new TreeView(contextOf(small)))).toEqual(['/', '  bin', '  etc', '  usr']);
    expect(namesOf(new TreeView(contextOf(small), { showStubs: true }))).toHaveLength(5);
  });

  it('opens one directory, or all below it, and keeps what was open inside a closed one', () => {
    const view = new TreeView(contextOf(small));
    const usr = 6;
    view.setExpanded(usr, true, false);
    expect(namesOf(view).slice(3)).toEqual(['  usr', '    Zebra', '    bin', '    lib']);
    view.setExpanded(usr, true, true);
    expect(namesOf(view).slice(3)).toEqual(['  usr', '    Zebra', '    bin', '      bash', '      sh', '    lib']);
    view.setExpanded(usr, false, false);
    expect(view.total).toBe(4);
    view.setExpanded(usr, true, false);
    expect(view.total).toBe(9);
    view.setExpanded(usr, false, true);
    view.setExpanded(usr, true, false);
    expect(view.total).toBe(7);
  });

  it('says of each row what a screen reader asks', () => {
    const view = new TreeView(contextOf(small));
    view.setExpanded(0, true, true);
    const rows = view.rows(0, 100).map(({ name, depth, position, siblings, expanded, hasChildren }) => {
      return [name, depth, position, siblings, expanded, hasChildren];
    });
    expect(rows).toEqual([
      ['/', 0, 1, 1, true, true],
      ['bin', 1, 1, 3, undefined, false],
      ['etc', 1, 2, 3, true, true],
      ['passwd', 2, 1, 2, undefined, false],
      ['shadow', 2, 2, 2, undefined, false],
      ['usr', 1, 3, 3, true, true],
      ['Zebra', 2, 1, 3, undefined, false],
      ['bin', 2, 2, 3, true, true],
      ['bash', 3, 1, 2, undefined, false],
      ['sh', 3, 2, 2, undefined, false],
      ['lib', 2, 3, 3, false, false],
    ]);
    expect(view.rows(9, 11).map(({ depth }) => depth)).toEqual([3, 2]);
  });

  it('gives no rows past the end', () => {
    const view = new TreeView(contextOf(small));
    expect(view.rows(3, 50)).toHaveLength(1);
    expect(view.rows(4, 50)).toEqual([]);
    expect(view.rowAt(3)).toBe(6);
    expect(view.rowAt(4)).toBeUndefined();
  });
});

describe('filtering', () => {
  it('keeps what matches and what that lies in, opened, and tells them apart', () => {
    const view = new TreeView(contextOf(small), { filter: 'sh' });
    expect(namesOf(view)).toEqual(['/', '  etc', '    shadow', '  usr', '    bin', '      bash', '      sh']);
    expect(view.matches).toBe(3);
    expect(view.rows(0, 9).map(({ matches }) => matches)).toEqual([false, false, true, false, false, true, true]);
  });

  it('has no rows where nothing matches', () => {
    const view = new TreeView(contextOf(small), { filter: 'nowhere' });
    expect([view.total, view.matches, view.rows(0, 1)]).toEqual([0, 0, []]);
    expect(view.reveal(0)).toBeUndefined();
    expect(view.typeAhead(0, 'a')).toBeUndefined();
  });

  it('hides stubs that match, unless they are shown', () => {
    expect(new TreeView(contextOf(small), { filter: '00' }).matches).toBe(0);
    expect(new TreeView(contextOf(small), { filter: '00', showStubs: true }).matches).toBe(1);
  });

  it('forgets what was closed under a filter, and remembers what was open without', () => {
    const view = new TreeView(contextOf(small));
    view.setExpanded(3, true, false);
    view.setFilter('bash');
    view.setExpanded(6, false, false);
    expect(namesOf(view)).toEqual(['/', '  usr']);
    view.setFilter('');
    expect(namesOf(view)).toEqual(['/', '  bin', '  etc', '    passwd', '    shadow', '  usr']);
    view.setFilter('bash');
    expect(view.total).toBe(4);
  });
});

describe('a filter that is wrong', () => {
  it('leaves the rows as they are, and says so', () => {
    const view = new TreeView(contextOf(small), { filter: 'bash' });
    view.setExpanded(6, false, false);
    const before = namesOf(view);
    expect(view.setFilter('bash size:many')).toMatchObject({ from: 10, to: 14 });
    expect(namesOf(view)).toEqual(before);
    expect(view.state).toMatchObject({ filter: 'bash size:many', matches: 1, total: 2, fault: { from: 10 } });
    expect(view.setFilter('bash size:>1K')).toBeUndefined();
    expect(view.state).toMatchObject({ fault: undefined, total: 4 });
  });

  it('still follows the statuses by the last right one', () => {
    let status: VerityStatus = 'missing';
    const view = new TreeView(
      contextOf(small, (entry) => (entry === 9 ? status : undefined)),
      { filter: 'verity:missing' },
    );
    view.setFilter('verity:missing size:');
    expect(view.matches).toBe(1);
    status = 'ok';
    expect(view.refresh()).toBe(true);
    expect(view.matches).toBe(0);
  });
});

describe('finding', () => {
  it('reveals an entry by opening what it lies in', () => {
    const view = new TreeView(contextOf(small));
    expect(view.reveal(9)).toBe(6);
    expect(namesOf(view)).toContain('      bash');
    expect(view.reveal(1)).toBeUndefined();
    expect(view.reveal(4_000_000)).toBeUndefined();
  });

  it('goes to the next visible name that begins so, in any case, round the end', () => {
    const view = new TreeView(contextOf(small));
    view.setExpanded(6, true, true);
    expect(view.typeAhead(0, 'b')).toEqual({ row: 1, entry: 2 });
    expect(view.typeAhead(2, 'B')).toEqual({ row: 5, entry: 8 });
    expect(view.typeAhead(5, 'zeb')).toEqual({ row: 4, entry: 7 });
    expect(view.typeAhead(8, 'bi')).toEqual({ row: 1, entry: 2 });
    expect(view.typeAhead(0, 'x')).toBeUndefined();
  });

  it('walks the problems in tree order, both ways, round the end', () => {
    const wounded = imageOf(dir({ a: dir({ bad: backed(1, 1), good: backed(2, 1) }), z: broken() }));
    const view = new TreeView(contextOf(wounded, (entry) => (entry === 2 ? 'missing' : 'unchecked')));
    expect(view.nextProblem(0, 'next')).toEqual({ row: 2, entry: 2 });
    expect(view.nextProblem(2, 'next')).toEqual({ row: 4, entry: 4 });
    expect(view.nextProblem(4, 'next')).toEqual({ row: 2, entry: 2 });
    expect(view.nextProblem(2, 'previous')).toEqual({ row: 4, entry: 4 });
    view.setFilter('bad');
    expect(view.nextProblem(2, 'next')).toEqual({ row: 2, entry: 2 });
    view.setFilter('good');
    expect(view.nextProblem(0, 'next')).toBeUndefined();
  });
});

it('follows the statuses where it sorts by them', () => {
  const image = imageOf(dir({ a: backed(1, 1), b: backed(2, 1) }));
  const statuses = new Map<number, VerityStatus>([
    [1, 'ok'],
    [2, 'missing'],
  ]);
  const view = new TreeView(
    contextOf(image, (entry) => statuses.get(entry)),
    { sort: { column: 'verity', descending: true } },
  );
  expect(namesOf(view)).toEqual(['/', '  b', '  a']);
  statuses.set(1, 'unreadable');
  expect(view.refresh()).toBe(true);
  expect(namesOf(view)).toEqual(['/', '  a', '  b']);
  view.setSort({ column: 'name', descending: false });
  expect(view.refresh()).toBe(false);
});

/** Like `compare` of two values, with those that are undefined last whatever the direction. */
function compareEntries(image: Image, statusOf: TreeContext['statusOf'], sort: Sort, a: number, b: number): number {
  const { table } = image;
  const hasSize = (entry: number): boolean => ['file', 'symlink'].includes(kindOf(image, entry));
  const valueOf = (entry: number): readonly number[] | Uint8Array | undefined => {
    const status = statusOf(entry);
    switch (sort.column) {
      case 'name':
        return [entry];
      case 'size':
        return hasSize(entry) ? [table.size[entry] ?? 0] : undefined;
      case 'mode':
        return [table.mode[entry] ?? 0];
      case 'owner':
        return [table.uid[entry] ?? 0, table.gid[entry] ?? 0];
      case 'modified':
        return [table.mtime[entry] ?? 0, table.mtimeNsec[entry] ?? 0];
      case 'links':
        return [table.nlink[entry] ?? 0];
      case 'inode':
        return [table.inode[entry] ?? 0];
      case 'redirect':
        return redirectBytes(table, entry);
      case 'digest':
        return digestBytes(table, entry);
      case 'layer':
        return [0]; // no stack
      case 'verity':
        return status === undefined ? undefined : [verityStatuses.indexOf(status)];
    }
  };
  const [left, right] = [valueOf(a), valueOf(b)];
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
  const order = left instanceof Uint8Array ? compareBytes(left, Uint8Array.from(right)) : compareNumbers(left, right);
  return sort.descending ? -order : order;
}

function compareNumbers(a: readonly number[], b: Uint8Array | readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at === -1 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

describe('any tree, opened anyhow, in any order', () => {
  const sorts = sortColumns.flatMap((column) => [false, true].map((descending): Sort => ({ column, descending })));
  it.each(sorts)('shows what a plain walk shows: by $column, descending $descending', (sort) => {
    for (let seed = 0; seed < 60; seed += 1) {
      const random = new Random(seed);
      const image = randomTree(random, 150);
      const { table } = image;
      const statusOf = (entry: number): VerityStatus | undefined =>
        ((table.flags[entry] ?? 0) & Flag.backed) === 0 ? undefined : verityStatuses[(entry * 7) % 11];
      const context = contextOf(image, statusOf);
      const filter = random.pick(['', '', 'so', 'lib', 'a b']);
      const showStubs = random.chance(0.5);
      const view = new TreeView(context, { filter, sort, showStubs });
      const open = new Set(filter === '' ? [0] : Array.from({ length: table.count }, (_, entry) => entry));
      for (let i = 0; i < 30; i += 1) {
        const entry = random.int(table.count);
        const [expanded, recursive] = [random.chance(0.7), random.chance(0.2)];
        view.setExpanded(entry, expanded, recursive);
        for (let at = entry; at < (recursive ? (table.end[entry] ?? 0) : entry + 1); at += 1) {
          if (expanded) open.add(at);
          else open.delete(at);
        }
      }
      const shown = (entry: number): boolean => showStubs || ((table.flags[entry] ?? 0) & Flag.stub) === 0;
      const found = filterEntries(filter, context);
      if (found.fault !== undefined) throw new Error(found.fault.message);
      const { matches } = found;
      const isMatch = (entry: number): boolean => shown(entry) && (matches === undefined || matches.has(entry));
      const isKept = (entry: number): boolean => isMatch(entry) || [...children(table, entry)].some(isKept);
      const expected: unknown[] = [];
      const walk = (entry: number, depth: number, position: number, siblings: number): void => {
        const inside = [...children(table, entry)].filter(isKept);
        const isOpen = isDirectory(table, entry) ? open.has(entry) && inside.length > 0 : undefined;
        expected.push([entry, depth, position, siblings, isOpen, inside.length > 0, isMatch(entry)]);
        if (isOpen !== true) return;
        const sorted = inside.toSorted((a, b) => compareEntries(image, statusOf, sort, a, b) || a - b);
        sorted.forEach((child, i) => walk(child, depth + 1, i + 1, sorted.length));
      };
      if (isKept(0)) walk(0, 0, 1, 1);
      const rows = view.rows(0, view.total).map((row) => {
        const { entry, depth, position, siblings, expanded, hasChildren } = row;
        return [entry, depth, position, siblings, expanded, hasChildren, row.matches];
      });
      expect(rows, `seed ${seed}`).toEqual(expected);
      const middle = random.int(rows.length + 1);
      expect(view.rows(middle, middle + 5).map(({ depth }) => depth)).toEqual(
        rows.slice(middle, middle + 5).map(([, depth]) => depth),
      );
      expect(rows.map((_, row) => view.rowAt(row))).toEqual(rows.map(([entry]) => entry));
    }
  });

  it('reveals each entry at its row', () => {
    for (let seed = 0; seed < 60; seed += 1) {
      const random = new Random(seed);
      const image = randomTree(random, 100);
      const view = new TreeView(contextOf(image), { sort: random.pick(sorts), showStubs: true });
      for (let i = 0; i < 20; i += 1) {
        const entry = random.int(image.table.count);
        const row = view.reveal(entry);
        expect(row).toBeDefined();
        expect(view.rowAt(row ?? -1)).toBe(entry);
      }
    }
  });
});
