import { FileDown, Pause, Play, ShieldCheck, X } from 'lucide-react';
import { verityStatuses } from '../../shared/contract/status.ts';
import { reportFormats, type ReportFormat, type VerifyState } from '../../shared/contract/verify-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { Menu } from '@base-ui/react/menu';
import { engine } from '../engine/engine.ts';
import { formatCount } from '../parts/format.ts';
import { VerityBadge } from '../parts/verity-badge.tsx';
import { isRunning, startVerify } from '../state/verify.ts';
import { notify, useWorkspace } from '../state/workspace.ts';

/** Starts, pauses and ends a run, and says how it goes. */
export function RunBar({ state }: { readonly state: VerifyState | undefined }) {
  const images = useWorkspace((workspace) => workspace.images);
  const stores = useWorkspace((workspace) => workspace.stores);
  const running = isRunning(state);
  const objects = images.reduce((sum, { counts }) => sum + counts.objects, 0);
  return (
    <header className="verify-bar">
      <div className="verify-buttons">
        {running && state ? (
          <>
            <button
              type="button"
              className="button"
              onClick={() => void engine.call('pauseVerify', { paused: !state.paused })}
            >
              {state.paused ? <Play size={14} aria-hidden /> : <Pause size={14} aria-hidden />}{' '}
              {state.paused ? 'Go on' : 'Pause'}
            </button>
            <button type="button" className="button" onClick={() => void engine.call('cancelVerify', {})}>
              <X size={14} aria-hidden /> Cancel
            </button>
          </>
        ) : (
          <button
            type="button"
            className="button button-primary"
            disabled={images.length === 0}
            onClick={() => void startVerify()}
            title="Hash every object that the open images refer to (Ctrl+Enter)"
          >
            <ShieldCheck size={14} aria-hidden /> Verify {formatCount(objects)} objects
          </button>
        )}
        <MoreMenu disabled={running} stores={stores.map(({ store, path }) => ({ store, path }))} />
        <ReportMenu disabled={images.length === 0} />
      </div>
      {state && state.phase !== 'idle' && <RunState state={state} />}
    </header>
  );
}

const phases: Readonly<Record<VerifyState['phase'], string>> = {
  idle: '',
  looking: 'Looking for objects',
  hashing: 'Verifying',
  explaining: 'Looking for causes',
  done: 'Verified',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

function RunState({ state }: { readonly state: VerifyState }) {
  const { objects, bytes, bytesPerSecond, secondsLeft, phase, paused, cached, measured, elapsedMs } = state;
  const running = isRunning(state);
  const counts = verityStatuses.filter((status) => (state.counts[status] ?? 0) > 0);
  return (
    <div className="verify-run" role="status">
      <p>
        <strong>{paused ? 'Paused' : phases[phase]}</strong> {formatCount(objects.done)} of {formatCount(objects.total)}{' '}
        objects{bytes.total > 0 && `, ${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`}
        {running && bytesPerSecond > 0 && (
          <>
            , {formatBytes(bytesPerSecond)}/s
            {secondsLeft !== undefined && `, ${formatTimeLeft(secondsLeft)} left`}
          </>
        )}
        {!running && ` in ${(elapsedMs / 1000).toFixed(1)} s`}
        {cached > 0 && <span className="dim"> · {formatCount(cached)} known to be right from before</span>}
        {measured > 0 && <span className="dim"> · {formatCount(measured)} measured by the kernel</span>}
      </p>
      {running && (
        <progress
          aria-label="Verifying"
          value={bytes.total > 0 ? bytes.done : objects.done}
          max={Math.max(1, bytes.total > 0 ? bytes.total : objects.total)}
        />
      )}
      <p className="verify-counts">
        {counts.map((status) => (
          <span key={status}>
            {formatCount(state.counts[status] ?? 0)} <VerityBadge status={status} />
          </span>
        ))}
      </p>
      {state.failure !== undefined && (
        <p className="bad" role="alert">
          ⚠ {state.failure}
        </p>
      )}
      {state.notes.map((note) => (
        <p key={note} className="verify-note">
          ⚠ {note}
        </p>
      ))}
    </div>
  );
}

const formatTimeLeft = (seconds: number): string =>
  seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;

interface MoreMenuProps {
  readonly disabled: boolean;
  readonly stores: readonly { readonly store: number; readonly path: string }[];
}

async function forgetVerified(): Promise<void> {
  const reply = await engine.call('clearVerifyCache', {});
  if (reply.ok) notify('info', 'What was found right before is forgotten: the next run reads all.');
  else notify('error', 'Could not clear the record', reply.error);
}

function MoreMenu({ disabled, stores }: MoreMenuProps) {
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={disabled}>
        More
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={4} align="start">
          <Menu.Popup className="popup">
            <Menu.Item className="popup-item" onClick={() => void startVerify({ full: true })}>
              Read everything, also what is sealed or was right before
            </Menu.Item>
            {stores.map(({ store, path }) => (
              <Menu.Item key={store} className="popup-item" onClick={() => void startVerify({ wholeStores: [store] })}>
                Check the whole store {path.split('/').findLast((part) => part !== '') ?? path} by its names
              </Menu.Item>
            ))}
            <Menu.Item className="popup-item" onClick={() => void forgetVerified()}>
              Forget what was found right before
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

const formatNames: Readonly<Record<ReportFormat, string>> = {
  markdown: 'Markdown',
  html: 'HTML, one file',
  json: 'JSON',
  sarif: 'SARIF',
};

async function saveReport(format: ReportFormat, paths: boolean): Promise<void> {
  const reply = await window.composcope.call('saveReport', { format, paths });
  if (!reply.ok) notify('error', 'Could not save the report', reply.error);
  else if (reply.value) notify('info', `The report is in ${reply.value.path}.`);
}

function ReportMenu({ disabled }: { readonly disabled: boolean }) {
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={disabled}>
        <FileDown size={14} aria-hidden /> Report
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={4} align="start">
          <Menu.Popup className="popup">
            {reportFormats.map((format) => (
              <Menu.Item key={format} className="popup-item" onClick={() => void saveReport(format, true)}>
                {formatNames[format]}…
              </Menu.Item>
            ))}
            {reportFormats.map((format) => (
              <Menu.Item
                key={`${format} without`}
                className="popup-item"
                onClick={() => void saveReport(format, false)}
              >
                {formatNames[format]}, without paths…
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
