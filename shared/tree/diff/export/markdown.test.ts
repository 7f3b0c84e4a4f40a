import { expect, test } from 'vitest';
import { NO_NOISE } from '../../../contract/compare-values.ts';
import { dir, file, imageOf } from '../../../testing/table-of.ts';
import { compareTrees } from '../compare-trees.ts';
import { countChanges, topFolders } from '../summary.ts';
import { markdownReport } from './markdown.ts';

/** A report of the names of B, which A has none of. */
function reportOf(names: readonly string[]): string {
  const diff = compareTrees(imageOf(dir()), imageOf(dir(names.map((name) => [name, file()] as const))));
  const seen = { changes: diff.changes, differing: diff.differing, ignored: 0 };
  const side = { name: 'image', title: 'composefs image', digest: undefined };
  const report = {
    version: '1',
    a: side,
    b: side,
    noise: NO_NOISE,
    counts: countChanges(diff, seen, undefined),
    folders: topFolders(diff, seen),
    download: undefined,
    explanation: undefined,
    diff,
    seen,
  };
  return [...markdownReport(report)].join('');
}

test('it fits into a comment of GitHub, and says what it leaves out', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `${String(index).padStart(5, '0')}${'|`x'.repeat(83)}`);
  const text = reportOf(names);
  expect(text.length).toBeLessThanOrEqual(65_536);
  const listed = text.split('\n').filter((line) => line.startsWith('| added')).length;
  expect(text).toContain(`… and ${5000 - listed} more, which JSON, CSV and HTML have.`);
});

test('few names are all there, and nothing in them breaks a line of the table', () => {
  const text = reportOf(['a|b', 'new\nline', '<b>', '`tick`']);
  expect(text.split('\n').filter((line) => line.startsWith('| added'))).toHaveLength(4);
  expect(text).not.toContain('… and');
});
