import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import { completeFilter } from '../../../shared/tree/filter/complete.ts';
import type { Workspace } from '../workspace.ts';

type Calls =
  | 'createView'
  | 'closeView'
  | 'rows'
  | 'setExpanded'
  | 'setFilter'
  | 'setSort'
  | 'reveal'
  | 'rowOf'
  | 'expandSiblings'
  | 'typeAhead'
  | 'nextProblem'
  | 'completeFilter';

/** The rows of a tree as the window shows them. */
export function viewHandlers(workspace: Workspace): Pick<EngineHandlers, Calls> {
  const { views } = workspace;
  return {
    createView: ({ image, ...options }) => views.create(workspace.session(image), options),
    closeView: ({ view }) => {
      views.close(view);
      return undefined;
    },
    rows: ({ view, from, to }) => views.tree(view).rows(from, to),
    setExpanded: ({ view, entry, expanded, recursive }) =>
      views.change(view, (tree) => tree.setExpanded(entry, expanded, recursive), entry),
    setFilter: ({ view, filter }) => views.change(view, (tree) => tree.setFilter(filter)),
    setSort: ({ view, sort }) => views.change(view, (tree) => tree.setSort(sort)),
    reveal: ({ view, entry }) => {
      // what a stack hides has its number behind those that show
      if (entry >= views.shownEntries(view)) views.setHidden(view, true);
      const row = views.tree(view, entry).reveal(entry);
      return { state: views.state(view), row };
    },
    rowOf: ({ view, entry }) => views.tree(view).rowOf(entry),
    expandSiblings: ({ view, entry }) => views.change(view, (tree) => tree.expandSiblings(entry)),
    typeAhead: ({ view, from, prefix }) => views.tree(view).typeAhead(from, prefix),
    nextProblem: ({ view, entry, direction }) => {
      const found = views.tree(view, entry).nextProblem(entry, direction);
      return found && { state: views.state(view), ...found };
    },
    completeFilter: ({ image, filter, cursor }) => {
      const { image: opened, statusOf } = workspace.session(image);
      return completeFilter(filter, cursor, { image: opened, statusOf });
    },
  };
}
