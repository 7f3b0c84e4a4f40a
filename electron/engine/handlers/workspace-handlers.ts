import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import { PathOpener } from '../open-path.ts';
import type { Workspace } from '../workspace.ts';

type Calls =
  | 'open'
  | 'closeImage'
  | 'attachStore'
  | 'detachStore'
  | 'orderStores'
  | 'recheck'
  | 'measure'
  | 'workspace'
  | 'cancelJob';

/** What is open, and in which order it is searched. */
export function workspaceHandlers(workspace: Workspace): Pick<EngineHandlers, Calls> {
  const opener = new PathOpener(workspace);
  return {
    open: ({ path }) => opener.open(path),
    closeImage: ({ image }) => {
      workspace.closeImage(image);
      return undefined;
    },
    attachStore: ({ path }) => opener.attachStore(path),
    detachStore: ({ store }) => {
      workspace.stores.detach(store);
      return undefined;
    },
    orderStores: ({ stores }) => {
      workspace.stores.order(stores);
      return undefined;
    },
    recheck: () => {
      workspace.recheck();
      return undefined;
    },
    measure: ({ image }) => {
      void workspace.measure(workspace.session(image));
      return undefined;
    },
    workspace: () => workspace.value,
    cancelJob: ({ job }) => {
      workspace.jobs.cancel(job);
      return undefined;
    },
  };
}
