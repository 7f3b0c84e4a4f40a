import type { CompareStatus } from '../../../contract/compare-values.ts';
import { formatBytes } from '../../format.ts';
import { changeLines, valuesText, type ChangeLine } from './change-lines.ts';
import { countsText, type CompareReport, type Differences } from './report.ts';

/** A letter for each line: those of `git status`, as far as it has them. */
export const statusLetters: Readonly<Record<Exclude<CompareStatus, 'equal'>, string>> = {
  added: 'A',
  removed: 'D',
  changed: 'M',
  moved: 'R',
  renamed: 'R',
};

/** A line for a terminal: `M /etc/passwd  size 10 bytes → 12 bytes`. */
export function changeText(line: ChangeLine): string {
  const from = line.from === undefined ? '' : `  ${line.status} from ${line.from}`;
  const what =
    line.status === 'added' || line.status === 'removed'
      ? line.kind + (line.size === undefined ? '' : `, ${formatBytes(line.size)}`)
      : valuesText(line);
  return `${statusLetters[line.status]} ${line.path}${from}${what === '' ? '' : `  ${what}`}\n`;
}

/** Every difference in a line, and the sums. */
export function* textReport(report: Differences): Generator<string, void, void> {
  for (const line of changeLines(report.diff, report.seen)) yield changeText(line);
  yield `${countsText(report.counts)}\n`;
}

/** Sums alone: by status, by attribute, by folder, and what an update fetches. */
export function* statReport({ counts, folders, download }: CompareReport): Generator<string, void, void> {
  yield `${countsText(counts)}, ${counts.statuses.equal} equal\n`;
  const attributes = Object.entries(counts.attributes).toSorted((x, y) => y[1] - x[1]);
  if (attributes.length > 0) yield `\n  differing pairs by attribute\n`;
  for (const [attribute, count] of attributes) yield `${String(count).padStart(10)}  ${attribute}\n`;
  if (folders.length > 0) yield `\n    changed      added    removed      moved  folder\n`;
  for (const { path, statuses } of folders) {
    const { changed, added, removed, moved, renamed } = statuses;
    const cells = [changed, added, removed, moved + renamed].map((count) => String(count).padStart(11)).join('');
    yield `${cells}  ${path}\n`;
  }
  if (download === undefined) return;
  yield '\n    objects       bytes  from A to B\n';
  const words = {
    wanted: 'B refers to',
    shared: 'A has as well',
    inStores: 'in the stores given',
    missing: 'to fetch',
  };
  for (const key of ['wanted', 'shared', 'inStores', 'missing'] as const) {
    const { objects, bytes } = download[key];
    yield `${String(objects).padStart(11)}${formatBytes(bytes).padStart(12)}  ${words[key]}\n`;
  }
  if (download.imageBytes !== undefined) {
    yield `${'1'.padStart(11)}${formatBytes(download.imageBytes).padStart(12)}  the image file of B itself\n`;
  }
}
