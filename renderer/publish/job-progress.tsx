import { X } from 'lucide-react';
import type { JobState } from '../../shared/contract/values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { cancelCreate } from '../state/create.ts';

/** How far a job is that reads bytes, and a way to end it. */
export function JobProgress({ job, label }: { readonly job: JobState | undefined; readonly label: string }) {
  return (
    <>
      <div className="create-progress">
        <progress
          aria-label={label}
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
          {job.message !== undefined && `${job.message}: `}
          {formatBytes(job.done)}
          {job.total !== undefined && ` of ${formatBytes(job.total)}`} read
        </p>
      )}
    </>
  );
}
