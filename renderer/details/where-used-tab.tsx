import type { ImageId } from '../../shared/contract/values.ts';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { goTo } from '../state/navigate.ts';
import { useWorkspace } from '../state/workspace.ts';
import { Failure } from './failure.tsx';

/** Every path in every open image that refers to the same object. */
export function WhereUsedTab({ image, entry }: { readonly image: ImageId; readonly entry: number }) {
  const images = useWorkspace((state) => state.images.length);
  const asked = useCall('whereUsed', { image, entry }, images);
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  if (!asked.value) return null;
  const { uses, omitted } = asked.value;
  if (uses.length === 0) return <p className="details-note dim">This entry refers to no object.</p>;
  return (
    <div className="details-scroll">
      <p className="dim">
        {uses.length === 1 ? 'One path refers' : `${formatCount(uses.length + omitted)} paths refer`} to this object in
        the {images === 1 ? 'open image' : `${images} open images`}.
      </p>
      <ul className="details-list">
        {uses.map((use) => (
          <li key={`${use.image} ${use.entry}`}>
            <button type="button" className="details-link" onClick={() => void goTo(use.image, use.entry)}>
              {use.path}
            </button>
            {images > 1 && <span className="dim"> {use.imageName}</span>}
          </li>
        ))}
      </ul>
      {omitted > 0 && <p className="dim">… and {formatCount(omitted)} more</p>}
    </div>
  );
}
