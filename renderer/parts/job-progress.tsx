import './job-progress.css';
import { engine } from '../engine/engine.ts';
import { useWorkspace } from '../state/workspace.ts';

/** What was cancelled, and a way to begin it anew. */
export function Cancelled({
  what,
  again,
  onAgain,
}: {
  readonly what: string;
  readonly again: string;
  readonly onAgain: () => void;
}) {
  return (
    <p className="details-note" role="status">
      {what}{' '}
      <button type="button" className="button" onClick={onAgain}>
        {again}
      </button>
    </p>
  );
}

/** How far a job is, and a way out of it. */
export function Running({ title, words }: { readonly title: string; readonly words: string }) {
  const job = useWorkspace(({ jobs }) => jobs.find((running) => running.title === title));
  return (
    <div className="details-note job-progress" role="status">
      <span>{words}</span>
      {job && (
        <>
          <progress aria-label={title} value={job.done} max={Math.max(1, job.total ?? 1)} />
          <span className="dim">{job.message}</span>
          <button type="button" className="button" onClick={() => void engine.call('cancelJob', { job: job.job })}>
            Cancel
          </button>
        </>
      )}
    </div>
  );
}
