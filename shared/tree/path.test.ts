import { describe, expect, it } from 'vitest';
import { Random } from '../testing/random.ts';
import { randomTree } from '../testing/random-tree.ts';
import { char, dir, file, imageOf } from '../testing/table-of.ts';
import { completePath, lookup, pathBytes, pathOf } from './path.ts';
import { bytesOfText, displayBytes } from './text.ts';

const { table } = imageOf(
  dir({ etc: dir({ passwd: file() }), usr: dir({ bin: dir({ 'a\\xffb': file() }), lib: dir() }), 'usr-x': file() }),
);
const find = (path: string): number | undefined => lookup(table, bytesOfText(path));

describe('paths', () => {
  it('are rooted, with what is no text escaped', () => {
    expect(pathOf(table, 0)).toBe('/');
    expect(pathOf(table, 2)).toBe('/etc/passwd');
    expect(pathOf(table, 5)).toBe('/usr/bin/a\\xffb');
    expect(displayBytes(pathBytes(table, 5))).toBe('/usr/bin/a\\xffb');
    expect(displayBytes(pathBytes(table, 0))).toBe('/');
  });
});

describe('lookup', () => {
  it.each([
    ['/', 0],
    ['', 0],
    ['/etc/passwd', 2],
    ['etc/passwd', 2],
    ['//etc//passwd/', 2],
    ['/usr/bin/a\\xffb', 5],
    ['/usr/./bin/../lib', 6],
    ['/../etc', 1],
    ['/usr-x', 7],
  ])('finds %s', (path, entry) => {
    expect(find(path)).toBe(entry);
  });

  it.each(['/etc/passw', '/etc/passwd2', '/etc/passwd/x', '/etc/passwd/..', '/nothing', '/usr/bin/a\\xfeb'])(
    'does not find %s',
    (path) => {
      expect(find(path)).toBeUndefined();
    },
  );

  it('finds names that are not in order', () => {
    const unsorted = imageOf(
      dir(
        [
          ['z', file()],
          ['a', file()],
          ['m', dir({ x: file() })],
        ],
        { unsorted: true },
      ),
    ).table;
    expect(lookup(unsorted, bytesOfText('/a'))).toBe(2);
    expect(lookup(unsorted, bytesOfText('/z'))).toBe(1);
    expect(lookup(unsorted, bytesOfText('/m/x'))).toBe(4);
  });

  it('finds each entry by its path, in any tree; of equal names the first', () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const random = randomTree(new Random(seed), 120).table;
      const firstOf = new Map<string, number>();
      for (let entry = 0; entry < random.count; entry += 1) {
        const path = pathOf(random, entry);
        const found = lookup(random, pathBytes(random, entry));
        expect(lookup(random, bytesOfText(path)), path).toBe(found);
        if (!firstOf.has(path)) firstOf.set(path, entry);
        // Below a name that occurs twice, only the first directory is walked into.
        const isShadowed = found !== entry && (found === undefined || pathOf(random, found) === path);
        if (!isShadowed) expect(found, path).toBe(entry);
        if (firstOf.get(path) === entry && found === undefined) expect(isDuplicateAbove(random, entry)).toBe(true);
      }
    }
  });
});

describe('completePath', () => {
  const tree = imageOf(
    dir({
      '00': char(0),
      Etc: dir(),
      etc: dir({ 'etc-old': dir({ x: file() }), passwd: file() }),
      'a\\xffb': file(),
      usr: dir({ etc: dir({ deep: file() }) }),
    }),
  ).table;
  const complete = (text: string, limit?: number): string[] => completePath(tree, text, limit).map(({ path }) => path);

  it.each<[string, string[]]>([
    ['/e', ['/etc', '/Etc', '/usr/etc']],
    ['/etc/', ['/etc/etc-old', '/etc/passwd', '/usr/etc/deep']],
    ['/etc/P', ['/etc/passwd']],
    ['etc-', ['/etc/etc-old']],
    ['deep', ['/usr/etc/deep']],
    ['/a\\xff', ['/a\\xffb']],
    ['/usr/nothing', []],
    ['', ['/Etc', '/a\\xffb', '/etc', '/usr']],
    ['0', []],
  ])('of “%s”', (text, paths) => {
    expect(complete(text)).toEqual(paths);
  });

  it('gives no more than it is asked for', () => {
    expect(complete('', 2)).toEqual(['/Etc', '/a\\xffb']);
    expect(complete('/e', 2)).toEqual(['/etc', '/Etc']);
    expect(complete('x'.repeat(70_000))).toEqual([]);
  });
});

function isDuplicateAbove(random: typeof table, entry: number): boolean {
  for (let at = entry; at !== 0; at = random.parent[at] ?? 0) {
    if (lookup(random, pathBytes(random, at)) !== at) return true;
  }
  return false;
}
