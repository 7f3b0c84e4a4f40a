import { OpenMenu } from '../create/open-menu.tsx';
import { SourceItem } from '../create/source-item.tsx';
import { addImages, pickForPublishing, setPublishSources } from '../state/publish.ts';
import { usePublish } from '../state/publish-store.ts';

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
              <SourceItem
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
              <SourceItem
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
        <OpenMenu
          takes={({ kind }) => kind === 'composefs'}
          onImages={addImages}
          hasAll
          stack="A stack, each layer and all of it"
          onStack={(paths) => setPublishSources({ layers: paths })}
        />
      </div>
    </fieldset>
  );
}
