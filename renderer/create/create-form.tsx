import { PackagePlus } from 'lucide-react';
import type { ReactNode } from 'react';
import type { FormatChoice, XattrPolicy } from '../../shared/contract/create-values.ts';
import { changeTree, pickTarget, startCreate, useCreate } from '../state/create.ts';
import { SourceList } from './source-list.tsx';
import { SubmitFooter } from './submit-footer.tsx';

/** Of what, where to and how. */
export function CreateForm() {
  const { sources, tree, format, threads, checkContent, store, image, run } = useCreate();
  const lacks = [
    ...(sources.length === 0 ? ['Choose what the image is made of.'] : []),
    ...(image === undefined ? ['Choose the file that the image is written to.'] : []),
  ];
  return (
    <form
      className="mount-form"
      aria-label="Create"
      onSubmit={(event) => {
        event.preventDefault();
        void startCreate();
      }}
    >
      <div className="mount-fields">
        <SourceList />
        <fieldset>
          <legend>Write to</legend>
          <Target label="Image" what="image" value={image} none="no file yet" />
          <Target label="Objects" what="store" value={store} none="no store: the image alone" />
          {check('Read objects that the store has already, too', checkContent, (on) =>
            useCreate.setState({ checkContent: on }),
          )}
        </fieldset>
        <fieldset>
          <legend>Tree</legend>
          {check('Set all times to 0', tree.useEpoch, (useEpoch) => changeTree({ useEpoch }), '--use-epoch')}
          {check(
            'Leave out devices, whiteouts among them',
            tree.skipDevices,
            (skipDevices) => changeTree({ skipDevices }),
            '--skip-devices',
          )}
          {check(
            'Keep names of one file together; mkcomposefs makes each a file',
            tree.hardlinks,
            (hardlinks) => changeTree({ hardlinks }),
            '--hardlinks',
          )}
        </fieldset>
        <fieldset>
          <legend>Extended attributes</legend>
          {xattrs.map(({ policy, label, flag }) =>
            radio('xattrs', label, tree.xattrs === policy, () => changeTree({ xattrs: policy }), flag),
          )}
        </fieldset>
        <fieldset>
          <legend>Format</legend>
          {formats.map(({ choice, label, flag }) =>
            radio('format', label, format === choice, () => useCreate.setState({ format: choice }), flag),
          )}
        </fieldset>
        <fieldset>
          <legend>Work</legend>
          <label className="mount-choice">
            <input
              type="number"
              className="input create-threads"
              min={1}
              max={64}
              value={threads}
              onChange={({ target }) => {
                const wanted = target.valueAsNumber;
                if (Number.isInteger(wanted) && wanted >= 1 && wanted <= 64) useCreate.setState({ threads: wanted });
              }}
            />
            threads that read and hash
          </label>
        </fieldset>
      </div>
      <SubmitFooter lacks={lacks} isRunning={run.status === 'running'}>
        <PackagePlus size={14} aria-hidden /> Create
      </SubmitFooter>
    </form>
  );
}

const xattrs: readonly { readonly policy: XattrPolicy; readonly label: string; readonly flag?: string }[] = [
  { policy: 'all', label: 'All that can be read' },
  { policy: 'user', label: 'Only those in user.', flag: '--user-xattrs' },
  { policy: 'none', label: 'None', flag: '--skip-xattrs' },
];

const formats: readonly { readonly choice: FormatChoice; readonly label: string; readonly flag?: string }[] = [
  { choice: 'auto', label: '0, and 1 where the tree has whiteouts' },
  { choice: '0', label: 'Always 0: every composefs reads it', flag: '--max-version=0' },
  { choice: '1', label: 'Always 1', flag: '--min-version=1' },
  { choice: '2', label: '2: as composefs-rs up to 0.7 and bootc up to 1.16.3 write it', flag: '--erofs-version=2' },
];

const hint = (flag: string | undefined): ReactNode =>
  flag !== undefined && <code className="dim create-flag">{flag}</code>;

const check = (label: string, checked: boolean, onChange: (on: boolean) => void, flag?: string): ReactNode => (
  <label className="mount-choice">
    <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
    <span>
      {label} {hint(flag)}
    </span>
  </label>
);

const radio = (name: string, label: string, checked: boolean, onChange: () => void, flag?: string): ReactNode => (
  <label key={label} className="mount-choice">
    <input type="radio" name={`create-${name}`} checked={checked} onChange={onChange} />
    <span>
      {label} {hint(flag)}
    </span>
  </label>
);

interface TargetProps {
  readonly label: string;
  readonly what: 'image' | 'store';
  readonly value: string | undefined;
  readonly none: string;
}

/** A place to write to, which only a dialog chooses. */
function Target({ label, what, value, none }: TargetProps) {
  return (
    <div className="create-target" role="group" aria-label={label}>
      <span className="create-target-label">{label}</span>
      <span className={`create-target-path details-break ${value === undefined ? 'dim' : 'mono'}`}>
        {value ?? none}
      </span>
      {what === 'store' && value !== undefined && (
        <button type="button" className="button" onClick={() => useCreate.setState({ store: undefined })}>
          None
        </button>
      )}
      <button type="button" className="button" aria-label={`Choose: ${label}`} onClick={() => void pickTarget(what)}>
        Choose…
      </button>
    </div>
  );
}
