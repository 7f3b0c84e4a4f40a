import { formatBytes } from '../../../shared/tree/format.ts';
import { reportLayers, type LayerReport } from '../../../shared/tree/merge/layer-report.ts';
import { displayBytes } from '../../../shared/tree/text.ts';
import type { Command } from '../context.ts';
import { openStack } from '../stack.ts';

/** What each layer adds, changes, hides and wastes, the uppermost first, as a stack is drawn. */
export const layers: Command = async ({ out, reporter }, paths, options) => {
  const stack = await openStack(paths, options, reporter);
  if (stack === undefined) return;
  const reports = reportLayers(stack.image);
  if (options.json === true) {
    const list = stack.layers.map(({ name, path, image }, index) => {
      return { layer: index + 1, name, path, kind: image.kind, ...reports[index] };
    });
    out.text(`${JSON.stringify({ layers: list }, undefined, 2)}\n`);
    return;
  }
  const rows = stack.layers.map(({ name }, index) => rowOf(index + 1, name, reports[index]));
  out.text(drawTable(headings, rows.toReversed()));
  out.text(`
bytes: sizes of regular files, hard links once. wasted: of those that upper layers replaced or deleted. exclusive:
objects that no other layer refers to. reclaimable: objects that nothing in the merged tree refers to.
`);
};

const headings = [
  'layer',
  'entries',
  'whiteouts',
  'shown',
  'adds',
  'changes',
  'hides',
  'bytes',
  'wasted',
  'exclusive',
  'reclaimable',
  'name',
];

function rowOf(number: number, name: string, report: LayerReport | undefined): readonly string[] {
  if (report === undefined) return [String(number)];
  const { entries, whiteouts, shown, adds, changes, hides, bytes, wasted, exclusive, reclaimable } = report;
  return [
    String(number),
    ...[entries, whiteouts, shown, adds, changes, hides].map(String),
    ...[bytes, wasted, exclusive.bytes, reclaimable.bytes].map((length) => formatBytes(length)),
    displayBytes(Buffer.from(name)),
  ];
}

/** Columns of equal width, numbers to the right; the last one is text. */
function drawTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const draw = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .concat('\n');
  return [head, ...rows].map(draw).join('');
}
