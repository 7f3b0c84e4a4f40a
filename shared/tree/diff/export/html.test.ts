import { expect, test } from 'vitest';
import { NO_NOISE } from '../../../contract/compare-values.ts';
import { backed, dir, imageOf, type Children } from '../../../testing/table-of.ts';
import { compareTrees } from '../compare-trees.ts';
import { countChanges, topFolders } from '../summary.ts';
import { htmlReport } from './html.ts';

function pageOf(a: Children, b: Children): string {
  const diff = compareTrees(imageOf(dir(a)), imageOf(dir(b)));
  const seen = { changes: diff.changes, differing: diff.differing, ignored: 0 };
  const side = { name: 'tree', title: 'directory', digest: undefined };
  const counts = countChanges(diff, seen, undefined);
  const about = { version: '1', a: side, b: side, noise: NO_NOISE, counts, folders: topFolders(diff, seen) };
  return [...htmlReport({ ...about, download: undefined, explanation: undefined, diff, seen })].join('');
}

const rowsOf = (page: string): readonly string[] => page.split('\n').filter((line) => line.includes('class="change"'));

test('each difference is a row, whatever is in its name', () => {
  const names = [
    '<script>x</script>'.replace('/', ' '),
    'two\nlines',
    `${String.fromCodePoint(0x20_2e)}gpj`,
    'n'.repeat(255),
    '"&\'',
  ];
  const page = pageOf({}, Object.fromEntries(names.map((name, n) => [name, backed(n, 1)])));
  expect(rowsOf(page)).toHaveLength(names.length);
  expect(page).not.toContain('<script');
  expect(page).not.toContain(String.fromCodePoint(0x20_2e));
  expect(page).toContain(String.raw`two\x0alines`);
});

test('what differs of a file stands below its path, each by itself; where it was, too', () => {
  const page = pageOf(
    { f: backed(1, 10, { mode: 0o644 }), old: backed(3, 5) },
    { f: backed(2, 20, { mode: 0o755 }), new: backed(3, 5) },
  );
  const [first = '', second = ''] = rowsOf(page);
  expect(first.match(/<li>(\w+) /g)).toEqual(['<li>mode ', '<li>size ', '<li>digest ']);
  expect(second).toMatch(/renamed<\/span><\/td><td><code>\/new<\/code><ul class="values"><li>from <code>\/old<\/code>/);
});

test('what is no image has no digest', () => {
  const page = pageOf({}, {});
  expect(page.match(/<span class="dim">none<\/span>/g)).toHaveLength(2);
});

test('a page has an end, and says how many differences lie beyond it', () => {
  const files = Array.from({ length: 20_003 }, (_, n) => [`f${n}`, backed(1, 1)] as const);
  const page = pageOf({}, Object.fromEntries(files));
  expect(rowsOf(page)).toHaveLength(20_000);
  expect(page).toContain('… and 3 more, which CSV and JSON have.');
});
