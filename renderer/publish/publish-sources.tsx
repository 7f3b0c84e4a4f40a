import { Menu } from '@base-ui/react/menu';
import { X } from 'lucide-react';
import { addImages, pickForPublishing, setPublishSources } from '../state/publish.ts';
import { usePublish } from '../state/publish-store.ts';
import { useStacks } from '../state/stack-store.ts';
import { useWorkspace } from '../state/workspace.ts';

const nameOf = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;

/** What is published: images as they are; and layers, of which an image of each is made, and one of all. */
export function PublishSources() {
  const { images, layers } = usePublish();
  return (
    <fieldset>
      <legend>What</legend>
      {images.length + layers.length === 0 && (
        <p className="dim">Nothing yet: drop images or layers on this view, or choose them.</p>
      )}
      {images.length > 0 && (
        <>
          <p className="dim">Images, as they are</p>
          <ul className="mount-layers" aria-label="Images">
            {images.map((path) => (
              <Item
                key={path}
                path={path}
                onRemove={() => setPublishSources({ images: images.filter((one) => one !== path) })}
              />
            ))}
          </ul>
        </>
      )}
      {layers.length > 0 && (
        <>
          <p className="dim">
            Layers, the lowest first: an image of each, and <q>merged</q>, what the kernel shows of all
          </p>
          <ol className="mount-layers" aria-label="Layers">
            {layers.map((path) => (
              <Item
                key={path}
                path={path}
                onRemove={() => setPublishSources({ layers: layers.filter((one) => one !== path) })}
              />
            ))}
          </ol>
        </>
      )}
      <div className="verify-buttons">
        <button type="button" className="button" onClick={() => void pickForPublishing('file')}>
          A file…
        </button>
        <button type="button" className="button" onClick={() => void pickForPublishing('folder')}>
          A folder…
        </button>
        <OpenMenu />
      </div>
    </fieldset>
  );
}

function Item({ path, onRemove }: { readonly path: string; readonly onRemove: () => void }) {
  return (
    <li>
      <div className="mount-layer">
        <span className="mount-layer-path details-break">
          <strong>{nameOf(path)}</strong> <span className="dim">{path}</span>
        </span>
        <button
          type="button"
          className="icon-button"
          aria-label={`Leave out ${nameOf(path)}`}
          title="Leave out"
          onClick={onRemove}
        >
          <X size={13} aria-hidden />
        </button>
      </div>
    </li>
  );
}

/** Images that are open, and the layers of stacks; a stack with layers that are off is not what lies at their paths. */
function OpenMenu() {
  const images = useWorkspace((state) => state.images);
  const stacks = useStacks((state) => state.stacks);
  const files = images.filter(({ kind }) => kind === 'composefs');
  const whole = stacks.filter(({ layers }) => layers.length > 0 && layers.every(({ isOn }) => isOn));
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={files.length + whole.length === 0}>
        What is open
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={4} align="start">
          <Menu.Popup className="popup">
            {files.length > 1 && (
              <Menu.Item className="popup-item" onClick={() => addImages(files.map(({ path }) => path))}>
                All images <span className="popup-hint">{files.length}</span>
              </Menu.Item>
            )}
            {files.map(({ image, name, title, path }) => (
              <Menu.Item key={image} className="popup-item" onClick={() => addImages([path])}>
                {name} <span className="popup-hint">{title}</span>
              </Menu.Item>
            ))}
            {whole.map(({ stack, layers }) => (
              <Menu.Item
                key={`stack-${stack}`}
                className="popup-item"
                onClick={() => setPublishSources({ layers: layers.map(({ path }) => path) })}
              >
                A stack, each layer and all of it <span className="popup-hint">{layers.length} layers</span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
