import { formatBytes } from '../../shared/tree/format.ts';
import type { PublishedInfo } from '../../shared/contract/publish-values.ts';
import { UnreadableList } from '../create/contents-panel.tsx';
import { Failure } from '../details/failure.tsx';
import { formatCount } from '../parts/format.ts';
import { usePublishJob } from '../state/publish.ts';
import type { PublishRun } from '../state/publish-store.ts';
import { JobProgress } from './job-progress.tsx';

/** How the run goes; at its end what is new, above what was published. */
export function PublishRunPanel({ run }: { readonly run: Exclude<PublishRun, { readonly status: 'idle' }> }) {
  return (
    <section className="create-run" aria-label="Outcome">
      {run.status === 'running' && <Running folder={run.folder} />}
      {run.status === 'failed' && (
        <>
          <h2 className="details-break">Nothing was published to {run.folder}</h2>
          <Failure error={run.error} />
          <p className="dim">The folder is as it was before.</p>
        </>
      )}
      {run.status === 'ended' &&
        (run.outcome.kind === 'published' ? (
          <Done published={run.outcome.published} />
        ) : (
          <>
            <h2 className="details-break">Nothing was published to {run.folder}</h2>
            <UnreadableList files={run.outcome.files} count={run.outcome.count} />
          </>
        ))}
    </section>
  );
}

function Running({ folder }: { readonly folder: string }) {
  const job = usePublishJob('run');
  return (
    <div role="status">
      <h2 className="details-break">Publishing to {folder} …</h2>
      <JobProgress job={job} label="Publishing" />
      <p className="dim">Cancelled, it leaves the folder as it was.</p>
    </div>
  );
}

function Done({ published }: { readonly published: PublishedInfo }) {
  const { written, writtenBytes, sealed, replaced, signer, publication } = published;
  return (
    <>
      <p className="good mount-verdict" role="status">
        ✓ Published
      </p>
      <p>
        {formatCount(written)} of {formatCount(publication.objects)} objects are new, {formatBytes(writtenBytes)}
        {sealed > 0 && `; ${formatCount(sealed)} sealed by fs-verity`}.{' '}
        {signer === undefined ? 'Nothing is signed.' : `Each image is signed by ${signer}.`}
      </p>
      {replaced.length > 0 && (
        <ul className="create-warnings" aria-label="Replaced objects">
          {replaced.map((text) => (
            <li key={text} className="mount-caution">
              ⚠ Replaced: {text}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
