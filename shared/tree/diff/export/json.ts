import { changeLines } from './change-lines.ts';
import type { CompareReport } from './report.ts';

/** The whole comparison as JSON, a difference a line, in pieces. */
export function* jsonReport(report: CompareReport): Generator<string, void, void> {
  const { version, a, b, noise, counts, folders, download, explanation, diff, seen } = report;
  const head = { composcope: version, a, b, ignored: noise, counts, folders, download, explanation };
  yield `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "differences": [`;
  let separator = '\n    ';
  for (const { row: _row, ...line } of changeLines(diff, seen)) {
    yield separator + JSON.stringify(line);
    separator = ',\n    ';
  }
  yield '\n  ]\n}\n';
}
