import { useState } from 'react';
import type { WireError } from '../../shared/contract/values.ts';
import type { OrphanList } from '../../shared/contract/verify-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { Failure } from '../details/failure.tsx';
import { engine } from '../engine/engine.ts';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { copyText } from '../state/navigate.ts';
import { useWorkspace } from '../state/workspace.ts';

const SHOWN = 200;

/** What each image alone keeps in the stores, and what no open image refers to. Only shown: nothing is deleted here. */
export function ReachPanel() {
  const images = useWorkspace((state) => state.images);
  const stores = useWorkspace((state) => state.stores);
  const reach = useCall('reach', {}, images.length);
  return (
    <div className="failure">
      <h2 className="failure-title">Orphans and reach</h2>
      <section aria-label="Reach">
        <h3>What removing an image would free</h3>
        <table className="verify-table">
          <thead>
            <tr>
              <th>Image</th>
              <th>Only this image needs</th>
              <th>Shared with other open images</th>
            </tr>
          </thead>
          <tbody>
            {(reach.value ?? []).map((row) => (
              <tr key={row.image}>
                <td>{images.find(({ image }) => image === row.image)?.name}</td>
                <td>
                  {formatCount(row.objects)} objects, {formatBytes(row.bytes)}
                </td>
                <td>
                  {formatCount(row.sharedObjects)} objects, {formatBytes(row.sharedBytes)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {stores.map(({ store, path }) => (
        <Orphans key={`${store} ${images.length}`} store={store} path={path} />
      ))}
    </div>
  );
}

function Orphans({ store, path }: { readonly store: number; readonly path: string }) {
  const [list, setList] = useState<OrphanList | undefined>(undefined);
  const [error, setError] = useState<WireError | undefined>(undefined);
  const look = async (): Promise<void> => {
    const reply = await engine.call('orphans', { store });
    setError(reply.ok ? undefined : reply.error);
    if (reply.ok) setList(reply.value);
  };
  return (
    <section aria-label={`Orphans of ${path}`}>
      <h3>{path}</h3>
      {error && <Failure error={error} />}
      {list === undefined ? (
        <button type="button" className="button" onClick={() => void look()}>
          Look for objects that no open image refers to
        </button>
      ) : (
        <>
          <p>
            {list.count === 0
              ? 'Every object is referred to by an open image.'
              : `${formatCount(list.count)} objects that no open image refers to: ${formatBytes(list.bytes)}, ${formatBytes(list.diskBytes)} on the disk. Other images may need them.`}{' '}
            {list.count > 0 && (
              <button
                type="button"
                className="button"
                onClick={() => void copyText(list.orphans.map(({ name }) => name).join('\n'))}
              >
                Copy the list
              </button>
            )}
          </p>
          <ul className="details-list">
            {list.orphans.slice(0, SHOWN).map(({ name, size }) => (
              <li key={name}>
                <code className="details-break">{name}</code> <span className="dim">{formatBytes(size)}</span>
              </li>
            ))}
          </ul>
          {list.count > SHOWN && <p className="dim">… and {formatCount(list.count - SHOWN)} more, smaller ones</p>}
        </>
      )}
    </section>
  );
}
