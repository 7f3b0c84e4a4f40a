import type { PlannedImage, PublishSummary, PublishTarget } from '../../shared/contract/publish-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { LookPanel } from '../create/look-panel.tsx';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { addImages } from '../state/publish.ts';
import { showPublication, sourcesOf, usePublish } from '../state/publish-store.ts';

/** What the publication will contain, before anything is written. */
export function PublishSummaryPanel() {
  const { images, layers, folder, looks } = usePublish();
  const sources = sourcesOf({ images, layers });
  const asked = useCall('publishSummary', { sources, ...(folder !== undefined && { folder }) }, looks);
  return (
    <LookPanel asked={asked} what="sources" onAgain={() => usePublish.setState({ looks: looks + 1 })}>
      {(summary) => <Summary summary={summary} folder={folder} />}
    </LookPanel>
  );
}

const kindWords = { image: 'as it is', layer: 'a layer', merged: 'all layers' } as const;

function Summary({ summary, folder }: { readonly summary: PublishSummary; readonly folder: string | undefined }) {
  const { images, objects, bytes, isExact, target } = summary;
  const missing = images.reduce((most, image) => Math.max(most, image.missing), 0);
  return (
    <>
      <p>
        {formatCount(images.length)} {images.length === 1 ? 'image' : 'images'}, {isExact ? '' : 'at most '}
        {formatCount(objects)} {objects === 1 ? 'object' : 'objects'}, {formatBytes(bytes)}.
        {!isExact && ' Files of layers that are no images become objects when they are read; equal ones become one.'}
      </p>
      <table className="publish-table">
        <thead>
          <tr>
            <th scope="col">Image</th>
            <th scope="col">Of</th>
            <th scope="col" className="publish-number">
              Entries
            </th>
            <th scope="col" className="publish-number">
              Objects
            </th>
            <th scope="col" className="publish-number">
              Bytes
            </th>
          </tr>
        </thead>
        <tbody>
          {images.map((image) => (
            <Row key={`${image.kind} ${image.source}`} image={image} />
          ))}
        </tbody>
      </table>
      <ul className="create-warnings" aria-label="Warnings">
        {images.flatMap(({ name, problem }) =>
          problem === undefined
            ? []
            : [
                <li key={`${name} ${problem}`} className="bad">
                  ✗ {name}: {problem}
                </li>,
              ],
        )}
        {missing > 0 && (
          <li className="bad">
            ✗ Objects are missing: no store that is attached, and none beside the sources, has them. Attach the store
            that does.
          </li>
        )}
      </ul>
      {target && <Target target={target} names={images.map(({ name }) => name)} folder={folder ?? ''} />}
    </>
  );
}

function Row({ image }: { readonly image: PlannedImage }) {
  const { name, source, kind, entries, objects, objectBytes, isExact, missing } = image;
  const atMost = isExact ? '' : '≤ ';
  return (
    <tr>
      <th scope="row">{name}</th>
      <td className="details-break">
        {kindWords[kind]} <span className="dim">{source}</span>
      </td>
      <td className="publish-number">{formatCount(entries)}</td>
      <td className="publish-number">
        {atMost}
        {formatCount(objects)}
        {missing > 0 && <span className="bad"> ✗ {formatCount(missing)} missing</span>}
      </td>
      <td className="publish-number">
        {atMost}
        {formatBytes(objectBytes)}
      </td>
    </tr>
  );
}

interface TargetProps {
  readonly target: PublishTarget;
  /** Of the images that are to be published. */
  readonly names: readonly string[];
  readonly folder: string;
}

/** What is in the folder already. */
function Target({ target, names, folder }: TargetProps) {
  switch (target.kind) {
    case 'new':
    case 'empty':
      return null;
    case 'other':
      return <p className="mount-caution">⚠ The folder is not empty. What is in it stays.</p>;
    case 'bad':
      return <p className="bad">✗ Nothing can be published there: {target.sentence}</p>;
    case 'publication': {
      const lost = target.images.filter(({ name }) => !names.includes(name));
      return (
        <>
          <p className="mount-caution">
            ⚠ The folder holds a publication: {target.images.map(({ name }) => name).join(', ')}. Its manifest is
            replaced by one of the images above; objects and image files stay.
          </p>
          <div className="verify-buttons">
            {lost.length > 0 && (
              <button type="button" className="button" onClick={() => addImages(lost.map(({ path }) => path))}>
                Keep its images, too
              </button>
            )}
            <button type="button" className="button" onClick={() => showPublication(folder)}>
              Look at it
            </button>
          </div>
        </>
      );
    }
  }
}
