import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import type { Workspace } from '../workspace.ts';

/** What is to be published, and what was; main asks for the publishing, see service-handlers.ts. */
export const publishHandlers = ({
  publish,
}: Workspace): Pick<EngineHandlers, 'publishSummary' | 'publication' | 'checkPublication' | 'fetchPlan'> => ({
  publishSummary: (request) => publish.summary(request),
  publication: ({ folder }) => publish.info(folder),
  checkPublication: (request) => publish.check(request),
  fetchPlan: (request) => publish.plan(request),
});
