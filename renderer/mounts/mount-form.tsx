import { HardDrive } from 'lucide-react';
import type { ReactNode } from 'react';
import type { MountAccess, MountAllowances } from '../../shared/contract/mount-values.ts';
import type { AppRequest } from '../../shared/contract/app-calls.ts';
import { attachByDialog } from '../state/open.ts';
import { changeDraft, isBusy, startMount, useMounts } from '../state/mounts.ts';
import { notify, useWorkspace } from '../state/workspace.ts';
import { LayerFields } from './layer-fields.tsx';
import type { CompleteDraft, MountDraft } from './plan.ts';

export interface MountFormProps {
  readonly draft: MountDraft;
  readonly complete: CompleteDraft;
  readonly access: MountAccess | undefined;
  readonly canVerify: boolean | undefined;
}

/** What is to be mounted, of what, where and how. */
export function MountForm({ draft, complete, access, canVerify }: MountFormProps) {
  const run = useMounts((state) => state.run);
  const { plan, faults, kind } = complete;
  const isOverlay = kind === 'overlay';
  return (
    <form
      className="mount-form"
      aria-label="Mount"
      onSubmit={(event) => {
        event.preventDefault();
        if (plan) void startMount(plan);
      }}
    >
      <div className="mount-fields">
        <LayerFields draft={draft} layers={complete.layers} />
        <fieldset>
          <legend>As</legend>
          {choice('kind', 'Overlay of the layers, over the stores', isOverlay, () => changeDraft({ kind: 'overlay' }))}
          {choice('kind', 'EROFS alone: the metadata, to look at', !isOverlay, () => changeDraft({ kind: 'erofs' }))}
        </fieldset>
        {isOverlay && (
          <>
            <Stores draft={draft} />
            <fieldset>
              <legend>Objects</legend>
              {choice('verity', 'Only sealed ones: verity=require', complete.verity === 'require', () =>
                changeDraft({ verity: 'require' }),
              )}
              {choice('verity', 'Whatever the stores hold', complete.verity === 'off', () =>
                changeDraft({ verity: 'off' }),
              )}
              {complete.verity === 'require' && canVerify === false && (
                <p className="mount-caution">
                  ⚠ This kernel or a store has no fs-verity: every file that an object backs will give EIO.
                </p>
              )}
            </fieldset>
            <Writable draft={draft} />
          </>
        )}
        <Place draft={draft} name={complete.name} />
        <fieldset>
          <legend>Allow below it</legend>
          {allow(draft.allow, 'exec', 'programs')}
          {allow(draft.allow, 'suid', 'set-uid and capabilities')}
          {allow(draft.allow, 'dev', 'device files')}
        </fieldset>
      </div>
      <footer className="mount-submit">
        <button
          id="mount"
          type="submit"
          className="button button-primary"
          disabled={plan === undefined || isBusy(run) || access?.by === 'command'}
        >
          <HardDrive size={14} aria-hidden /> Mount
        </button>
        <div className="mount-says">
          {faults.map((fault) => (
            <p key={fault} className="mount-caution">
              ⚠ {fault}
            </p>
          ))}
          {faults.length === 0 && access && <p className="dim">{access.sentence}</p>}
          {access?.by === 'command' && (
            <button type="button" className="button" onClick={() => useMounts.setState({ tab: 'commands' })}>
              Show the command
            </button>
          )}
        </div>
      </footer>
    </form>
  );
}

const choice = (name: string, label: string, checked: boolean, choose: () => void): ReactNode => (
  <label className="mount-choice">
    <input type="radio" name={`mount-${name}`} checked={checked} onChange={choose} /> {label}
  </label>
);

const allow = (allowances: MountAllowances, what: keyof MountAllowances, label: string): ReactNode => (
  <label className="mount-choice">
    <input
      type="checkbox"
      checked={allowances[what]}
      onChange={(event) => changeDraft({ allow: { ...allowances, [what]: event.target.checked } })}
    />{' '}
    {label} <span className="dim">{allowances[what] ? what : `no${what}`}</span>
  </label>
);

/** The attached stores, in the order of the sources; each can be left out. */
function Stores({ draft }: { readonly draft: MountDraft }) {
  const stores = useWorkspace((state) => state.stores);
  const toggle = (root: string, isOn: boolean): void =>
    changeDraft({ without: isOn ? draft.without.filter((other) => other !== root) : [...draft.without, root] });
  return (
    <fieldset>
      <legend>Stores, as data-only layers</legend>
      {stores.length === 0 && <p className="dim">No store is attached.</p>}
      <ol className="mount-stores">
        {stores.map(({ store, dataRoot, title }) => (
          <li key={store}>
            <label className="mount-choice" title={title}>
              <input
                type="checkbox"
                checked={!draft.without.includes(dataRoot)}
                onChange={(event) => toggle(dataRoot, event.target.checked)}
              />{' '}
              <span className="mono details-break">{dataRoot}</span>
            </label>
          </li>
        ))}
      </ol>
      <div className="verify-buttons">
        <button type="button" className="button" onClick={() => void attachByDialog()}>
          Attach a store…
        </button>
        {stores.length > 1 && (
          <span className="dim">The order is that of the sources: the first is searched first.</span>
        )}
      </div>
    </fieldset>
  );
}

/** Asks for one folder. */
async function pickFolder(what: AppRequest<'pickOpen'>['what'], take: (path: string) => void): Promise<void> {
  const reply = await window.composcope.call('pickOpen', { what });
  if (!reply.ok) notify('error', 'Could not show the dialog', reply.error);
  else if (reply.value[0] !== undefined) take(reply.value[0]);
}

interface FolderFieldProps {
  readonly label: string;
  readonly value: string;
  readonly what: AppRequest<'pickOpen'>['what'];
  readonly onChange: (path: string) => void;
}

function FolderField({ label, value, what, onChange }: FolderFieldProps) {
  return (
    <div className="mount-folder">
      <label>
        <span>{label}</span>
        <input
          type="text"
          className="mono"
          placeholder="/…"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      </label>
      <button
        type="button"
        className="button"
        aria-label={`Choose: ${label}`}
        onClick={() => void pickFolder(what, onChange)}
      >
        Choose…
      </button>
    </div>
  );
}

function Writable({ draft }: { readonly draft: MountDraft }) {
  const { writable } = draft;
  return (
    <fieldset>
      <legend>Writes</legend>
      {choice('writes', 'None: read-only', writable === undefined, () => changeDraft({ writable: undefined }))}
      {choice('writes', 'Go to an upper directory', writable !== undefined, () =>
        changeDraft({ writable: writable ?? { upper: '', work: '' } }),
      )}
      {writable && (
        <>
          <FolderField
            label="Upper"
            value={writable.upper}
            what="upper"
            onChange={(upper) => changeDraft({ writable: { ...writable, upper } })}
          />
          <FolderField
            label="Work"
            value={writable.work}
            what="work"
            onChange={(work) => changeDraft({ writable: { ...writable, work } })}
          />
        </>
      )}
    </fieldset>
  );
}

function Place({ draft, name }: { readonly draft: MountDraft; readonly name: string }) {
  return (
    <fieldset>
      <legend>At</legend>
      {choice('place', 'A folder of Composcope’s own below /run', draft.place === 'own', () =>
        changeDraft({ place: 'own' }),
      )}
      {draft.place === 'own' && (
        <div className="mount-folder">
          <label>
            <span>Name</span>
            <input
              type="text"
              className="mono"
              spellCheck={false}
              value={name}
              onChange={(event) => changeDraft({ name: event.target.value })}
            />
          </label>
        </div>
      )}
      {choice('place', 'An empty folder of mine', draft.place === 'directory', () =>
        changeDraft({ place: 'directory' }),
      )}
      {draft.place === 'directory' && (
        <FolderField
          label="Folder"
          value={draft.directory}
          what="mountpoint"
          onChange={(directory) => changeDraft({ directory })}
        />
      )}
    </fieldset>
  );
}
