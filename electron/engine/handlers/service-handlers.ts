import { basename } from 'node:path';
import type { ServiceHandlers } from '../../../shared/contract/engine-service.ts';
import { findContent } from '../content.ts';
import { formatReport } from '../../../shared/verity/report/report.ts';
import { saveContent, writeText } from '../save-content.ts';
import { versionOf } from '../version.ts';
import type { Workspace } from '../workspace.ts';

/** What main asks, which the page may not: to write where the user said. */
export const serviceHandlers = (workspace: Workspace): ServiceHandlers => ({
  saveContent: async ({ path, ...request }) => {
    const { session, entry } = workspace.entry(request).place(request.entry);
    const source = await findContent(session, entry, workspace.stores.dataRoots);
    const title = `Saving ${basename(path)}`;
    const bytes = await workspace.jobs.run(title, 'bytes', (job) => saveContent(source, path, job));
    return { path, bytes };
  },
  saveComparison: async ({ comparison: id, format, path }) => {
    const comparison = workspace.compare.get(id);
    const title = `Saving ${basename(path)}`;
    const text = await workspace.jobs.run(title, 'rules', (job) =>
      comparison.export(format, workspace.stores.all, job),
    );
    await writeText(path, text);
    return { path };
  },
  createImage: (request) => workspace.create.create(request),
  publish: (request) => workspace.publish.publish(request),
  saveReport: async ({ format, paths, path }) => {
    await writeText(path, formatReport(await workspace.verify.report(versionOf()), format, { paths }));
    return { path };
  },
});
