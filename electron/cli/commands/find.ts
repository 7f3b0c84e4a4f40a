import { filterEntries } from '../../../shared/tree/filter/filter.ts';
import { pathBytes, pathOf } from '../../../shared/tree/path.ts';
import { Flag } from '../../../shared/tree/table.ts';
import type { AttachedStore } from '../../engine/attached-store.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { EntriesJson } from '../entries-json.ts';
import { entryJson } from '../entry-json.ts';
import { imageJson } from '../image-json.ts';
import { reportProblems } from '../load-image.ts';
import { checkObjects, openSession, storesFor } from '../session.ts';

const NUL = Uint8Array.of(0);

/** Paths of the entries that the window's filter finds. The last operand is the filter. */
export const find: Command = async ({ out, reporter }, operands, options) => {
  const { json = false, print0 = false, stubs = false } = options;
  const files = operands.slice(0, -1);
  const text = operands.at(-1) ?? '';
  const list = new EntriesJson(out);
  for (const file of files) {
    const session = openSession(file, reporter);
    if (session === undefined) continue;
    const { image, statusOf } = session;
    const stores: AttachedStore[] = [];
    const isGiven = (options.store ?? []).length > 0;
    let result = filterEntries(text, { image, statusOf });
    // without a question for statuses, nobody needs to look at a million objects
    if (result.fault === undefined && (result.usesStatus || json || isGiven)) {
      stores.push(...(await storesFor(session, options.store, reporter)));
      await checkObjects(session, stores, reporter);
      if (result.usesStatus) result = filterEntries(text, { image, statusOf });
    }
    if (result.fault !== undefined) {
      const { from, to, message } = result.fault;
      const word = text.slice(from, to);
      throw new CliError(Status.usage, 'usage', `filter, at "${word}": ${message}`);
    }
    if (json) list.image(imageJson(session, file, stores));
    const { matches } = result;
    const { count, flags } = image.table;
    for (let entry = 0; entry < count; entry++) {
      if (matches !== undefined && !matches.has(entry)) continue;
      if (!stubs && ((flags[entry] ?? 0) & Flag.stub) !== 0) continue;
      if (json) list.entry(entryJson(session, entry));
      else if (print0) {
        out.bytes(pathBytes(image.table, entry));
        out.bytes(NUL);
      } else out.text(`${files.length > 1 ? `${file}:` : ''}${pathOf(image.table, entry)}\n`);
    }
    reportProblems(image, file, reporter);
  }
  if (json) list.end();
};
