import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import { CallError } from '../../../shared/contract/wire-error.ts';
import { parseDigest } from '../../../shared/verity/parse-digest.ts';
import { findExpectedDigests } from '../expected-digest.ts';
import { checkSignature } from '../signature.ts';
import { findOrphans, reachOf } from '../verify/reach.ts';
import { clearVerifiedCache } from '../verify/verified-cache.ts';
import type { Workspace } from '../workspace.ts';

type Calls =
  | 'verify'
  | 'pauseVerify'
  | 'cancelVerify'
  | 'verifyState'
  | 'problemGroups'
  | 'problemRows'
  | 'failure'
  | 'repair'
  | 'removeKept'
  | 'expectDigest'
  | 'searchDigest'
  | 'checkSignature'
  | 'orphans'
  | 'reach'
  | 'clearVerifyCache';

/** Checking objects and images, and what follows from it. */
export function verifyHandlers(workspace: Workspace): Pick<EngineHandlers, Calls> {
  const desk = workspace.verify;
  return {
    verify: (request) => desk.start(request),
    pauseVerify: ({ paused }) => {
      desk.pause(paused);
      return undefined;
    },
    cancelVerify: () => {
      desk.cancel();
      return undefined;
    },
    verifyState: () => desk.state,
    problemGroups: async ({ by }) => (await desk.problems(by)).groups,
    problemRows: async ({ by, key, from, to }) => (await desk.problems(by)).rows(key, from, to),
    failure: (request) =>
      'store' in request
        ? desk.storeFailure(request.store, request.name)
        : desk.failure(workspace.shown(request), request.entry),
    repair: (request) => desk.repair(request),
    removeKept: async ({ path }) => {
      await desk.removeKept(path);
      return undefined;
    },
    expectDigest: async ({ image, text }) => {
      const session = workspace.session(image);
      if (text.trim() === '') {
        const { found } = await findExpectedDigests(session.path);
        session.expected = found[0];
      } else {
        const parsed = parseDigest(text);
        if ('fault' in parsed) throw new CallError('no-digest', parsed.fault);
        session.expected = { ...parsed, source: 'typed', text };
      }
      workspace.imageChanged(session);
      void workspace.triageExpected(session);
      return undefined;
    },
    searchDigest: ({ image, digest }) => workspace.search.search(workspace.session(image), digest),
    checkSignature: async ({ image, signature, certificates }) => {
      const session = workspace.session(image);
      if (session.digest === undefined) throw new CallError('busy', 'The image digest is still being computed.');
      const report = await checkSignature({
        signaturePath: signature,
        certificatePaths: certificates,
        algorithm: session.verityAlgorithm,
        digest: session.digest,
      });
      session.signature = report;
      workspace.imageChanged(session);
      return report;
    },
    orphans: ({ store }) => {
      const attached = workspace.stores.all.find(({ id }) => id === store);
      if (attached === undefined) throw new CallError('invalid-request', `There is no store ${store}.`);
      return workspace.jobs.run('Looking for orphans', 'objects', (job) =>
        findOrphans(attached, workspace.sessions, job),
      );
    },
    reach: () => reachOf(workspace.sessions),
    clearVerifyCache: async () => ({ files: await clearVerifiedCache() }),
  };
}
