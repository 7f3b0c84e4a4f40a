import { FolderTree, GitCompareArrows, HardDrive, ShieldCheck, Upload, X } from 'lucide-react';
import type { CreatedImage } from '../../shared/contract/create-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { CopyButton } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import { formatCount } from '../parts/format.ts';
import {
  cancelCreate,
  compareMade,
  exploreMade,
  mountMade,
  publishMade,
  useCreateJob,
  verifyMade,
  type CreateRun,
} from '../state/create.ts';
import { UnreadableList } from './contents-panel.tsx';

/** How the run goes; at its end the digest, what is new in the store, and where to go from there. */
export function RunPanel({ run }: { readonly run: Exclude<CreateRun, { readonly status: 'idle' }> }) {
  return (
    <section className="create-run" aria-label="Outcome">
      {run.status === 'running' && <Running image={run.image} />}
      {run.status === 'failed' && (
        <>
          <h2 className="details-break">{run.image} was not made</h2>
          <Failure error={run.error} />
        </>
      )}
      {run.status === 'ended' &&
        (run.outcome.kind === 'made' ? (
          <Made made={run.outcome.made} sources={run.sources} />
        ) : (
          <>
            <h2 className="details-break">{run.image} was not made</h2>
            <UnreadableList files={run.outcome.files} count={run.outcome.count} />
          </>
        ))}
    </section>
  );
}

function Running({ image }: { readonly image: string }) {
  const job = useCreateJob();
  return (
    <div role="status">
      <h2 className="details-break">Creating {image} …</h2>
      <div className="create-progress">
        <progress
          aria-label="Creating the image"
          {...(job?.total === undefined ? {} : { value: job.done, max: Math.max(1, job.total) })}
        />
        {job && (
          <button type="button" className="button" onClick={() => void cancelCreate(job.job)}>
            <X size={13} aria-hidden /> Cancel
          </button>
        )}
      </div>
      {job && (
        <p className="dim">
          {job.message}: {formatBytes(job.done)}
          {job.total !== undefined && ` of ${formatBytes(job.total)}`} read
        </p>
      )}
    </div>
  );
}

function Made({ made, sources }: { readonly made: CreatedImage; readonly sources: readonly string[] }) {
  const { path, digest, bytes, format, note, entries, objects } = made;
  const seals =
    objects.sealed === objects.objects
      ? 'all sealed by fs-verity'
      : objects.sealed === 0
        ? 'none sealed: this kernel, or the file system of the store, has no fs-verity'
        : `${formatCount(objects.sealed)} sealed by fs-verity`;
  return (
    <>
      <p className="good mount-verdict" role="status">
        ✓ Created
      </p>
      <h2 className="details-break">{path}</h2>
      <dl className="create-facts">
        <div>
          <dt>digest</dt>
          <dd>
            <code className="details-break">{digest}</code> <CopyButton text={digest} what="the image digest" />
          </dd>
        </div>
        <div>
          <dt>image</dt>
          <dd>
            {formatBytes(bytes)}, format {format}, {formatCount(entries)} entries
          </dd>
        </div>
        <div>
          <dt>objects</dt>
          <dd>
            {objects.objects > 0 && `${formatCount(objects.objects)}, ${formatBytes(objects.bytes)}`}
            {objects.store === undefined && `${objects.objects > 0 ? ': not' : 'none'} written, as there is no store`}
            {objects.store !== undefined && objects.objects === 0 && 'none'}
          </dd>
        </div>
        {objects.store !== undefined && (
          <>
            <div>
              <dt>new in the store</dt>
              <dd>
                {formatCount(objects.written)}, {formatBytes(objects.writtenBytes)}
              </dd>
            </div>
            <div>
              <dt>fs-verity</dt>
              <dd>{objects.objects === 0 ? 'no object' : seals}</dd>
            </div>
          </>
        )}
      </dl>
      {note !== undefined && <p className="dim">{note}</p>}
      {objects.replaced.length > 0 && (
        <ul className="create-warnings" aria-label="Replaced objects">
          {objects.replaced.map((text) => (
            <li key={text} className="mount-caution">
              ⚠ Replaced: {text}
            </li>
          ))}
        </ul>
      )}
      <div className="verify-buttons">
        <button type="button" className="button button-primary" onClick={() => void exploreMade(made)}>
          <FolderTree size={13} aria-hidden /> Open
        </button>
        <button
          type="button"
          className="button"
          disabled={objects.store === undefined && objects.objects > 0}
          onClick={() => void verifyMade(made)}
        >
          <ShieldCheck size={13} aria-hidden /> Verify
        </button>
        <button type="button" className="button" onClick={() => void mountMade(made)}>
          <HardDrive size={13} aria-hidden /> Mount…
        </button>
        <button type="button" className="button" onClick={() => void compareMade(made, sources)}>
          <GitCompareArrows size={13} aria-hidden /> Compare with source
        </button>
        <button
          type="button"
          className="button"
          disabled={objects.store === undefined && objects.objects > 0}
          onClick={() => void publishMade(made)}
        >
          <Upload size={13} aria-hidden /> Publish…
        </button>
      </div>
    </>
  );
}
