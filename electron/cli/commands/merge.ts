import { writeDump } from '../../../shared/composefs/dump-text.ts';
import { pathBytes } from '../../../shared/tree/path.ts';
import type { Part } from '../../../shared/tree/merge/merge-layers.ts';
import type { Command } from '../context.ts';
import { CliError, Status } from '../cli-error.ts';
import { EntriesJson } from '../entries-json.ts';
import { entryJson } from '../entry-json.ts';
import { textOfBytes } from '../json-text.ts';
import { DumpFaults, reportProblems } from '../load-image.ts';
import { problemsJson } from '../image-json.ts';
import { openStack, stackSession, type Stack } from '../stack.ts';

/** The tree that the kernel shows of layers mounted over each other; the lowest is the first operand. */
export const merge: Command = async (context, paths, options) => {
  const { out, reporter } = context;
  const { json = false, dump = false, output, userXattrs, ...others } = options;
  if (output !== undefined) {
    if (dump) throw new CliError(Status.usage, 'usage', 'merge writes an image or prints a dump, not both');
    const { makeImage } = await import('./create-source.ts');
    await makeImage(context, paths, output, { ...others, json }, userXattrs === true ? 'user' : 'trusted');
    return;
  }
  if (json && dump) throw new CliError(Status.usage, 'usage', 'merge prints --json or --dump, not both');
  const stack = await openStack(paths, options, reporter);
  if (stack === undefined) return;
  const { image, name } = stack;
  if (json) printJson(stack, new EntriesJson(out));
  else {
    const faults = new DumpFaults();
    writeDump(image, (bytes) => out.bytes(bytes), { onFault: faults.add });
    faults.report(image, name, reporter);
  }
  reportProblems(image, name, reporter);
};

function printJson(stack: Stack, list: EntriesJson): void {
  const { image, layers } = stack;
  const session = stackSession(stack);
  const pathOf = ({ layer, row }: Part): unknown => {
    const table = layers[layer]?.image.table;
    return table && textOfBytes(pathBytes(table, row));
  };
  const hidden: Record<string, unknown>[] = [];
  for (let index = 0; index < image.goneCount; index += 1) {
    const { whiteout, below } = image.gone(index);
    const below0 = below.map((part) => ({ layer: part.layer + 1, path: pathOf(part) }));
    hidden.push({ path: pathOf(whiteout), layer: whiteout.layer + 1, hides: below0 });
  }
  list.image({
    layers: layers.map(({ name, path }, index) => ({ layer: index + 1, name, path, kind: layers[index]?.image.kind })),
    problems: problemsJson(session),
    whiteouts: hidden,
  });
  for (let entry = 0; entry < image.table.count; entry += 1) {
    const below = image.below(entry).map((part) => ({ layer: part.layer + 1, how: part.how, path: pathOf(part) }));
    const layer = image.partOf(entry).layer + 1;
    list.entry({ ...entryJson(session, entry), layer, below: below.length === 0 ? undefined : below });
  }
  list.end();
}
