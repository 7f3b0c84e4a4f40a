import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import type { Workspace } from '../workspace.ts';
import { compareHandlers } from './compare-handlers.ts';
import { createHandlers } from './create-handlers.ts';
import { entryHandlers } from './entry-handlers.ts';
import { layerHandlers } from './layer-handlers.ts';
import { publishHandlers } from './publish-handlers.ts';
import { verifyHandlers } from './verify-handlers.ts';
import { viewHandlers } from './view-handlers.ts';
import { workspaceHandlers } from './workspace-handlers.ts';

/** All that a page can ask. */
export const engineHandlers = (workspace: Workspace): EngineHandlers => ({
  ...workspaceHandlers(workspace),
  ...viewHandlers(workspace),
  ...entryHandlers(workspace),
  ...verifyHandlers(workspace),
  ...layerHandlers(workspace),
  ...compareHandlers(workspace),
  ...createHandlers(workspace),
  ...publishHandlers(workspace),
});
