import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import { CallError } from '../../../shared/contract/wire-error.ts';
import { StackSession } from '../stacks/stack-session.ts';
import { parseUserPath } from '../user-path.ts';
import type { Workspace } from '../workspace.ts';

type Calls = 'addLayers' | 'changeLayers' | 'chooseImage' | 'layerReports' | 'setHidden' | 'findHidden';

/** Layers that are stacked, and what they hide. */
export function layerHandlers(workspace: Workspace): Pick<EngineHandlers, Calls> {
  const { stacks, views } = workspace;
  return {
    addLayers: ({ stack, paths, images }) => stacks.add(stack, paths.map(parseUserPath), images),
    changeLayers: ({ stack, layers }) => stacks.change(stack, layers),
    chooseImage: ({ stack, path, image }) => stacks.chooseImage(stack, path, image),
    layerReports: ({ stack }) => stacks.reports(stack),
    setHidden: ({ view, hidden }) => views.setHidden(view, hidden),
    findHidden: ({ image, layer, row }) => {
      const session = workspace.session(image);
      if (!(session instanceof StackSession)) throw new CallError('invalid-request', `Image ${image} is no stack.`);
      const index = session.stack.layerLabels.findIndex(({ number }) => number === layer);
      const entry = session.revealed.find({ layer: index, row });
      return entry === undefined ? undefined : { entry };
    },
  };
}
