import { basename } from 'node:path';
import type { ServiceHandlers } from '../../../shared/contract/engine-service.ts';
import { findContent } from '../content.ts';
import { saveContent } from '../save-content.ts';
import type { Workspace } from '../workspace.ts';

/** What main asks, which the page may not: to write where the user said. */
export const serviceHandlers = (workspace: Workspace): ServiceHandlers => ({
  saveContent: async ({ path, ...request }) => {
    const source = await findContent(workspace.entry(request), request.entry, workspace.stores.dataRoots);
    const title = `Saving ${basename(path)}`;
    const bytes = await workspace.jobs.run(title, 'bytes', (job) => saveContent(source, path, job));
    return { path, bytes };
  },
});
