import type { MountPlan } from '../../shared/contract/mount-values.ts';
import { CopyButton } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import { useAppCall } from '../engine/use-call.ts';

/** The same mount for a terminal: by our own command, by mount.composefs, by mount. */
export function CommandsPanel({ plan }: { readonly plan: MountPlan | undefined }) {
  const asked = useAppCall('mountCommands', plan);
  if (plan === undefined) return <p className="dim">The form lacks something: its last line says what.</p>;
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  if (!asked.value) return null;
  const { composcope, mountComposefs, mount, umount, notes } = asked.value;
  return (
    <>
      <Command title="Composcope" lines={[composcope]} />
      {mountComposefs !== undefined && <Command title="mount.composefs" lines={[mountComposefs]} />}
      <Command title="mount" lines={mount} />
      <Command title="To undo it" lines={umount} />
      {notes.length > 0 && (
        <ul className="mount-notes">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Command({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <section aria-label={title}>
      <h3>
        {title} <CopyButton text={lines.join('\n')} what={title} />
      </h3>
      <pre className="mount-command" tabIndex={0}>
        {lines.join('\n')}
      </pre>
    </section>
  );
}
