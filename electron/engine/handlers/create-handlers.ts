import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import type { Workspace } from '../workspace.ts';

/** What images that are to be made would hold; main asks for the making, see service-handlers.ts. */
export const createHandlers = ({ create }: Workspace): Pick<EngineHandlers, 'sourceSummary'> => ({
  sourceSummary: (request) => create.summary(request),
});
