import { Copy, FolderOpen } from 'lucide-react';
import type { Holder, MountDone, MountStep } from '../../shared/contract/mount-values.ts';
import { CopyButton, Fact, Facts } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import { copyText } from '../state/navigate.ts';
import { showMount, unmount, useMounts, type MountRun } from '../state/mounts.ts';
import { failureText, imageWords, stepWords } from './words.ts';

/** What was asked for last: how it goes, what came of it, or why it failed. */
export function OutcomePanel() {
  const run = useMounts((state) => state.run);
  const access = useMounts((state) => state.list?.access);
  if (run.status === 'idle')
    return <p className="dim">Here stands how a mount goes, step by step, and why one failed.</p>;
  if (run.status === 'mounted') return <Done done={run.done} />;
  if (run.status === 'failed') return <FailurePage run={run} />;
  if (run.status === 'refused') {
    return (
      <>
        <h2>{run.what}</h2>
        <Failure error={run.error} />
      </>
    );
  }
  return (
    <div role="status">
      <h2 className="details-break">{run.what} …</h2>
      <progress aria-label={run.what} className="mount-progress" />
      {run.steps.length === 0 && access?.by === 'pkexec' && <p className="dim">{access.sentence}</p>}
      <Steps steps={run.steps} />
    </div>
  );
}

function Done({ done }: { readonly done: MountDone }) {
  const { mountpoint, images, steps } = done;
  return (
    <>
      <p className="good mount-verdict" role="status">
        ✓ Mounted
      </p>
      <h2 className="details-break">
        {mountpoint} <CopyButton text={mountpoint} what="the mount point" />
      </h2>
      <div className="verify-buttons">
        <button type="button" className="button button-primary" onClick={() => void showMount(mountpoint)}>
          <FolderOpen size={14} aria-hidden /> Open in the file manager
        </button>
        <button type="button" className="button" onClick={() => useMounts.setState({ tab: 'list' })}>
          Show in the list
        </button>
        <button type="button" className="button" onClick={() => void unmount(mountpoint)}>
          Unmount
        </button>
      </div>
      <section aria-label="Images">
        <h3>Images</h3>
        <Facts wide>
          {images.map((image) => (
            <Fact key={image.path} name={imageWords[image.by]}>
              <span className="details-break">{image.path}</span>
              {image.device !== undefined && <span className="dim"> {image.device}</span>}
              {image.digest !== undefined && (
                <>
                  {' '}
                  <code className="details-break">{image.digest}</code>{' '}
                  <span className="dim">
                    {image.digestBy === 'kernel' ? 'measured by the kernel' : 'computed of what is mounted'}
                  </span>
                </>
              )}
            </Fact>
          ))}
        </Facts>
      </section>
      <Steps steps={steps} />
    </>
  );
}

/** Why a mount or an unmount failed: the cause, what to do, each step, and who is in the way. */
function FailurePage({ run }: { readonly run: Extract<MountRun, { status: 'failed' }> }) {
  const { what, failure, mountpoint } = run;
  const { sentence, advice, certainty, errno, holders, steps } = failure;
  return (
    <>
      <p className="bad mount-verdict details-break" role="alert">
        ✗ Failed: {what} {errno !== undefined && <code>{errno}</code>}
      </p>
      <h2 className="failure-title">
        {sentence} <span className={`certainty certainty-${certainty}`}>{certainty}</span>
      </h2>
      {advice !== undefined && (
        <section aria-label="What to do">
          <h3>What to do</h3>
          <p>{advice}</p>
        </section>
      )}
      <div className="verify-buttons">
        {mountpoint !== undefined && failure.cause === 'busy' && (
          <>
            <button type="button" className="button" onClick={() => void unmount(mountpoint)}>
              Try again
            </button>
            <button
              type="button"
              className="button"
              title="It is out of sight at once, and freed when the last of them lets go"
              onClick={() => void unmount(mountpoint, true)}
            >
              Unmount lazily
            </button>
          </>
        )}
        <button type="button" className="button" onClick={() => void copyText(failureText(what, failure))}>
          <Copy size={13} aria-hidden /> Copy all of it
        </button>
      </div>
      {holders.length > 0 && <Holders holders={holders} />}
      <Steps steps={steps} />
    </>
  );
}

function Holders({ holders }: { readonly holders: readonly Holder[] }) {
  return (
    <section aria-label="Held by">
      <h3>Held by</h3>
      <table className="verify-table">
        <thead>
          <tr>
            <th>Process</th>
            <th>User</th>
            <th>Holds</th>
          </tr>
        </thead>
        <tbody>
          {holders.map(({ pid, name, uid, holds }) => (
            <tr key={pid}>
              <td>
                {name} <span className="dim">pid {pid}</span>
              </td>
              <td>{uid}</td>
              <td className="details-break">{holds.join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The trace: each call of the kernel, what for, how it ended, and what the kernel said to it. */
function Steps({ steps }: { readonly steps: readonly MountStep[] }) {
  if (steps.length === 0) return null;
  return (
    <section aria-label="Steps">
      <h3>Steps</h3>
      <ol className="mount-steps">
        {steps.map(({ number, call, detail, outcome, errno, log }) => {
          const [glyph, word, tone] = stepWords[outcome];
          return (
            <li key={number} data-outcome={outcome}>
              <span className="mount-step-number">{number}</span>
              <span className={tone}>
                <span aria-hidden>{glyph}</span> {word}
              </span>
              <span className="details-break">
                <code>{call}</code> {detail} {errno !== undefined && <strong className={tone}>{errno}</strong>}
                {log.map((line) => (
                  <code key={line} className="mount-log">
                    kernel: {line}
                  </code>
                ))}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
