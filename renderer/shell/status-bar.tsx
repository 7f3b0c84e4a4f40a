import { Copy, X } from 'lucide-react';
import type { ImageInfo, JobState } from '../../shared/contract/values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { engine } from '../engine/engine.ts';
import { setFilter } from '../explore/tree-actions.ts';
import { formatCount, shortenMiddle } from '../parts/format.ts';
import { statusGlyphs } from '../../shared/verity/status-words.ts';
import { copyText } from '../state/navigate.ts';
import { showDetailsTab } from '../state/settings.ts';
import { useSelectedImage, useWorkspace } from '../state/workspace.ts';
import { badStatuses, verityStatuses } from '../../shared/contract/status.ts';

/** Jobs on the left, facts of the image on the right. */
export function StatusBar() {
  const jobs = useWorkspace((state) => state.jobs);
  const image = useSelectedImage();
  const bad = image
    ? verityStatuses.filter((status) => badStatuses.has(status) && (image.statuses[status] ?? 0) > 0)
    : [];
  return (
    <footer className="status" aria-label="Status">
      <div className="status-jobs" role="status">
        {jobs.map((job) => (
          <Job key={job.job} job={job} />
        ))}
      </div>
      {image && (
        <div className="status-image">
          {bad.map((status) => (
            <button
              key={status}
              type="button"
              className={`status-button verity verity-${status}`}
              title={`Show the files whose object is ${status}`}
              onClick={() => void setFilter(image.image, `verity:${status}`)}
            >
              {statusGlyphs[status]} {formatCount(image.statuses[status] ?? 0)} {status}
            </button>
          ))}
          <button
            type="button"
            className="status-button"
            title="Show the image’s facts"
            onClick={() => showDetailsTab('image')}
          >
            {image.formatVersion === undefined ? image.kind : `v${image.formatVersion}`} ·{' '}
            {formatCount(image.counts.entries)} entries · {formatBytes(image.bytes)}
          </button>
          {image.kind === 'stack' ? null : image.noDigest !== undefined ? (
            <button
              type="button"
              className="status-button"
              title={image.noDigest}
              onClick={() => showDetailsTab('image')}
            >
              no digest
            </button>
          ) : image.digest === undefined ? (
            <span className="dim">digest …</span>
          ) : (
            <button
              type="button"
              className="status-button"
              title={`Image digest (fs-verity): ${image.digest}\nClick copies it`}
              aria-label={`${image.algorithm}:${shortenMiddle(image.digest, 4, 4)}, copy the image digest`}
              onClick={() => void copyText(image.digest ?? '')}
            >
              <span className="mono">
                {image.algorithm}:{shortenMiddle(image.digest, 4, 4)}
              </span>{' '}
              <Copy size={11} aria-hidden />
            </button>
          )}
          <ExpectedMark image={image} />
        </div>
      )}
    </footer>
  );
}

/** Whether the digest is the expected one, where somebody says which that is. */
function ExpectedMark({ image }: { readonly image: ImageInfo }) {
  if (image.expected === undefined || image.digest === undefined) return null;
  const isRight = image.expected.digest === image.digest;
  return (
    <button
      type="button"
      className={`status-button ${isRight ? 'good' : 'bad'}`}
      title={`${image.expected.source}: ${image.expected.digest}`}
      onClick={() => showDetailsTab('image')}
    >
      {isRight ? '✓ expected' : '✗ not the expected digest'}
    </button>
  );
}

function Job({ job }: { readonly job: JobState }) {
  const amount = (value: number): string => (job.unit === 'bytes' ? formatBytes(value) : formatCount(value));
  return (
    <span className="status-job">
      {job.title}
      <progress
        aria-label={job.title}
        {...(job.total === undefined ? {} : { value: job.done, max: Math.max(1, job.total) })}
      />
      <span>
        {amount(job.done)}
        {job.total !== undefined && ` / ${amount(job.total)}`}
        {job.message !== undefined && job.message !== '' && ` · ${job.message}`}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={`Cancel: ${job.title}`}
        title="Cancel"
        onClick={() => void engine.call('cancelJob', { job: job.job })}
      >
        <X size={12} aria-hidden />
      </button>
    </span>
  );
}
