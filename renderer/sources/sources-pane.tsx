import { ArrowDown, ArrowUp, FileBox, FolderOpen, HardDrive, Layers, X } from 'lucide-react';
import type { ImageInfo, StoreInfo } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { formatCount } from '../parts/format.ts';
import { isMountable, isMountableStack } from '../mounts/plan.ts';
import { chooseForMount } from '../state/mounts.ts';
import { useStacks } from '../state/stack-store.ts';
import { attachByDialog, closeImage, openByDialog, openPaths } from '../state/open.ts';
import { useSettings } from '../state/settings.ts';
import { notify, useWorkspace } from '../state/workspace.ts';
import './sources.css';

const MAX_RECENT_SHOWN = 8;

/** What is open: images, the stores in the order in which they are searched, and what was open lately. */
export function SourcesPane() {
  const images = useWorkspace((state) => state.images);
  const stores = useWorkspace((state) => state.stores);
  const selected = useWorkspace((state) => state.selected);
  const opening = useWorkspace((state) => state.opening);
  const recent = useSettings((settings) => settings.recent);
  const objects = images.reduce((sum, image) => sum + image.counts.objects, 0);
  const others = recent.filter(
    (path) => !images.some((image) => image.path === path) && !stores.some((store) => store.path === path),
  );
  return (
    <aside className="sources" aria-label="Sources">
      <div className="sources-buttons">
        <button
          type="button"
          className="button"
          onClick={() => void openByDialog('file')}
          title="Open an image (Ctrl+O)"
        >
          <FileBox size={14} aria-hidden /> Image…
        </button>
        <button
          type="button"
          className="button"
          onClick={() => void openByDialog('folder')}
          title="Open a store, or a folder that holds images"
        >
          <FolderOpen size={14} aria-hidden /> Folder…
        </button>
      </div>
      <section aria-labelledby="sources-images">
        <h2 id="sources-images">Images</h2>
        {images.length === 0 && opening.length === 0 && <p className="dim">Drop a composefs image here.</p>}
        <ul>
          {images.map((image) => (
            <ImageItem key={image.image} image={image} isSelected={image.image === selected} />
          ))}
          {opening.map((path) => (
            <li key={path} className="dim ellipsis" title={path}>
              Opening {baseName(path)} …
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="sources-stores">
        <h2 id="sources-stores">Stores</h2>
        {stores.length === 0 && <NoStore objects={objects} />}
        <ul>
          {stores.map((store, index) => (
            <StoreItem key={store.store} store={store} index={index} stores={stores} />
          ))}
        </ul>
      </section>
      {others.length > 0 && (
        <section aria-labelledby="sources-recent">
          <h2 id="sources-recent">Recent</h2>
          <ul>
            {others.slice(0, MAX_RECENT_SHOWN).map((path) => (
              <li key={path}>
                <button
                  type="button"
                  className="sources-item ellipsis"
                  title={path}
                  onClick={() => void openPaths([path])}
                >
                  {baseName(path)}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}

/** Asks for the store, where there is something to look for in it. */
function NoStore({ objects }: { readonly objects: number }) {
  if (objects === 0) return <p className="dim">None</p>;
  return (
    <div className="sources-ask">
      <p>
        No store is attached, so nobody looked for the {objects === 1 ? 'object' : `${formatCount(objects)} objects`}.
        Drop the folder that holds them, or choose it.
      </p>
      <button type="button" className="button" onClick={() => void attachByDialog()}>
        <FolderOpen size={14} aria-hidden /> Attach a store…
      </button>
    </div>
  );
}

const baseName = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;

function ImageItem({ image, isSelected }: { readonly image: ImageInfo; readonly isSelected: boolean }) {
  const stack = useStacks(({ stacks }) => stacks.find((one) => one.image === image.image));
  return (
    <li className="sources-row">
      <button
        type="button"
        className="sources-item"
        aria-current={isSelected}
        title={`${image.path}\n${image.title}`}
        onClick={() => useWorkspace.setState({ selected: image.image })}
      >
        <span className="sources-name ellipsis">
          <Layers size={13} aria-hidden /> {image.name}
        </span>
        <span className="sources-facts dim">
          {image.title} · {formatCount(image.counts.entries)} entries
          {image.problems > 0 && <span className="bad"> · ⚠ {formatCount(image.problems)} problems</span>}
        </span>
      </button>
      <span className="sources-actions">
        {(isMountable(image) || isMountableStack(stack?.layers ?? [])) && (
          <button
            type="button"
            className="icon-button"
            aria-label={`Mount ${image.name}`}
            title="Mount…"
            onClick={() => chooseForMount(image.image)}
          >
            <HardDrive size={13} aria-hidden />
          </button>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label={`Close ${image.name}`}
          title="Close"
          onClick={() => void closeImage(image.image)}
        >
          <X size={13} aria-hidden />
        </button>
      </span>
    </li>
  );
}

interface StoreItemProps {
  readonly store: StoreInfo;
  readonly index: number;
  readonly stores: readonly StoreInfo[];
}

function StoreItem({ store, index, stores }: StoreItemProps) {
  const move = async (by: 1 | -1): Promise<void> => {
    const ids = stores.map((other) => other.store);
    const [id] = ids.splice(index, 1);
    if (id === undefined) return;
    ids.splice(index + by, 0, id);
    const reply = await engine.call('orderStores', { stores: ids });
    if (!reply.ok) notify('error', 'Could not change the order', reply.error);
  };
  const detach = async (): Promise<void> => {
    const reply = await engine.call('detachStore', { store: store.store });
    if (!reply.ok) notify('error', 'Could not detach the store', reply.error);
  };
  return (
    <li className="sources-row">
      <div className="sources-item" title={`${store.path}\nobjects below ${store.dataRoot}`}>
        <span className="sources-name ellipsis">
          <FolderOpen size={13} aria-hidden /> {baseName(store.path)}
        </span>
        <span className="sources-facts dim">
          {store.title}
          {store.automatic ? ', found beside the image' : ''}
        </span>
        <span className="sources-facts dim">
          {store.objects === undefined ? 'counting …' : `${formatCount(store.objects)} objects`}
          {store.found !== undefined && ` · ${formatCount(store.found)} of them used`}
        </span>
        {store.note !== undefined && <span className="sources-facts sources-note">⚠ {store.note}</span>}
      </div>
      <span className="sources-actions">
        {stores.length > 1 && (
          <>
            <button
              type="button"
              className="icon-button"
              aria-label={`Search ${baseName(store.path)} earlier`}
              title="Search earlier"
              disabled={index === 0}
              onClick={() => void move(-1)}
            >
              <ArrowUp size={13} aria-hidden />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label={`Search ${baseName(store.path)} later`}
              title="Search later"
              disabled={index === stores.length - 1}
              onClick={() => void move(1)}
            >
              <ArrowDown size={13} aria-hidden />
            </button>
          </>
        )}
        <button
          type="button"
          className="icon-button"
          aria-label={`Detach ${baseName(store.path)}`}
          title="Detach"
          onClick={() => void detach()}
        >
          <X size={13} aria-hidden />
        </button>
      </span>
    </li>
  );
}
