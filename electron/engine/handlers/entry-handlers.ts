import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { completePath, lookup } from '../../../shared/tree/path.ts';
import { bytesOfText } from '../../../shared/tree/text.ts';
import { treemapOf } from '../../../shared/tree/treemap.ts';
import { readContent } from '../content.ts';
import { describeEntries } from '../describe.ts';
import { entryDetails, problemValue } from '../entry-details.ts';
import { layerDetails } from '../stacks/layer-details.ts';
import { StackSession } from '../stacks/stack-session.ts';
import { whereUsed } from '../where-used.ts';
import type { Workspace } from '../workspace.ts';

type Calls =
  'find' | 'completePath' | 'details' | 'fields' | 'content' | 'whereUsed' | 'problems' | 'treemap' | 'describe';

const MAX_PATHS = 50;
const MAX_TREEMAP_NODES = 2000;
/** Bytes shown beside a field: those of an inline tail are content, and have a tab of their own. */
const MAX_FIELD_BYTES = 4096;

/** What there is to know of single entries. */
export function entryHandlers(workspace: Workspace): Pick<EngineHandlers, Calls> {
  return {
    find: ({ image, path }) => {
      const entry = lookup(workspace.session(image).image.table, bytesOfText(path));
      return entry === undefined ? undefined : { entry };
    },
    completePath: ({ image, path }) => completePath(workspace.session(image).image.table, path, MAX_PATHS),
    details: async (request) => {
      const session = workspace.entry(request);
      const place = session.place(request.entry);
      const before = place.session.statusOf(place.entry);
      const details = await entryDetails(place.session, place.entry, workspace.stores.all);
      if (place.session.statusOf(place.entry) !== before) workspace.statusChanged(session);
      if (!(session instanceof StackSession)) return details;
      const row = { ...details.row, entry: request.entry };
      return { ...details, row, layers: layerDetails(session, request.entry) };
    },
    fields: (request) => {
      const { session, entry } = workspace.entry(request).place(request.entry);
      const { image } = session;
      const bytes = image instanceof StackImage ? image.fieldBytes(entry) : image.table.bytes;
      return image.fields(entry).map(({ offset, length, name, value }) => ({
        offset,
        name,
        bytes: bytes.slice(offset, offset + Math.min(length, MAX_FIELD_BYTES)),
        value,
      }));
    },
    content: (request) => {
      const { session, entry } = workspace.entry(request).place(request.entry);
      return readContent(session, entry, workspace.stores.dataRoots, request.offset, request.length);
    },
    whereUsed: (request) => {
      const { session, entry } = workspace.entry(request).place(request.entry);
      return whereUsed(session, entry, workspace.sessions);
    },
    problems: ({ image: id }) => {
      const { image } = workspace.session(id);
      return {
        problems: image.problems.map((problem) => problemValue(image, problem)),
        omitted: image.problemsOmitted,
      };
    },
    treemap: (request) => treemapOf(workspace.shown(request).image, request.entry, request.depth, MAX_TREEMAP_NODES),
    describe: ({ image, entries, format }) => {
      for (const entry of entries) workspace.entry({ image, entry });
      return describeEntries(workspace.session(image), entries, format);
    },
  };
}
