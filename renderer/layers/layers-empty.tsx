import { FileBox, FolderOpen, Layers } from 'lucide-react';
import { useStacks } from '../state/stack-store.ts';
import { addLayers, addLayersByDialog } from '../state/stacks.ts';
import { useWorkspace } from '../state/workspace.ts';

/** What to do when there is no stack to look at. */
export function LayersEmpty() {
  const images = useWorkspace((state) => state.images).filter(({ kind }) => kind !== 'stack');
  const stacks = useStacks((state) => state.stacks);
  const opening = useWorkspace((state) => state.opening);
  return (
    <div className="empty">
      <h1>Stack layers, and see what a mount shows</h1>
      <p>
        Drop an OCI layout or archive, a <code>docker save</code> archive, tars, composefs or EROFS images, or
        directories: of several, the first is the lowest. The list shows what each layer adds, changes, hides and
        wastes; below it is the merged tree, with the layer that each entry is from.
      </p>
      {opening.length > 0 && (
        <p role="status">Opening {opening.length === 1 ? opening[0] : `${opening.length} layers`} …</p>
      )}
      <div className="empty-buttons">
        <button type="button" className="button button-primary" onClick={() => void addLayersByDialog('file')}>
          <FileBox size={15} aria-hidden /> Files…
        </button>
        <button type="button" className="button" onClick={() => void addLayersByDialog('folder')}>
          <FolderOpen size={15} aria-hidden /> Directory or OCI layout…
        </button>
        {images.length > 0 && (
          <button
            type="button"
            className="button"
            title={images
              .map(({ name }, index) => `${index + 1} ${name}`)
              .toReversed()
              .join('\n')}
            onClick={() =>
              void addLayers(
                [],
                images.map(({ image }) => image),
              )
            }
          >
            <Layers size={15} aria-hidden />{' '}
            {images.length === 1 ? `Stack ${images[0]?.name ?? ''}` : `Stack the ${images.length} open images`}
          </button>
        )}
      </div>
      {stacks.length > 0 && (
        <div className="empty-buttons">
          {stacks.map(({ stack, name, image }) => (
            <button
              key={stack}
              type="button"
              className="button"
              onClick={() => {
                useStacks.setState({ isNew: false });
                useWorkspace.setState({ selected: image });
              }}
            >
              Go to {name}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
