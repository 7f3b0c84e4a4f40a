import { FolderOpen, FolderTree } from 'lucide-react';
import { useState } from 'react';
import type { Leftover, LiveMount, TracedImage } from '../../shared/contract/mount-values.ts';
import { CopyButton, Fact, Facts } from '../details/attributes-tab.tsx';
import { Modal } from '../palette/modal.tsx';
import { clearLeftover, exploreImage, isBusy, showMount, unmount, useMounts } from '../state/mounts.ts';
import { kindWords, tracedWords } from './words.ts';

export interface MountListProps {
  readonly mounts: readonly LiveMount[];
  readonly leftovers: readonly Leftover[];
}

/** Every composefs mount that the system has, whoever made it, and what interrupted mounts left. */
export function MountsList({ mounts, leftovers }: MountListProps) {
  const [asked, ask] = useState<LiveMount | undefined>(undefined);
  return (
    <div className="mount-list">
      {leftovers.map((leftover) => (
        <LeftoverItem key={leftover.id} leftover={leftover} />
      ))}
      {mounts.length === 0 && <p className="dim">This system has no composefs mount now.</p>}
      <ul aria-label="Mounts of this system">
        {mounts.map((mount) => (
          <li key={mount.mountId}>
            <MountCard
              mount={mount}
              onUnmount={() => (mount.owner === undefined ? ask(mount) : void unmount(mount.mountpoint))}
            />
          </li>
        ))}
      </ul>
      <Modal open={asked !== undefined} onClose={() => ask(undefined)} title="Unmount what others mounted?">
        {asked && (
          <>
            <p>
              <code className="details-break">{asked.mountpoint}</code> was not mounted by Composcope, but looks like a
              mount of {asked.maker}. What uses it may stop working.
            </p>
            <div className="verify-buttons">
              <button
                type="button"
                className="button button-primary"
                onClick={() => {
                  ask(undefined);
                  void unmount(asked.mountpoint);
                }}
              >
                Unmount
              </button>
              <button type="button" className="button" onClick={() => ask(undefined)}>
                Leave it
              </button>
            </div>
          </>
        )}
      </Modal>
    </div>
  );
}

function LeftoverItem({ leftover }: { readonly leftover: Leftover }) {
  const run = useMounts((state) => state.run);
  return (
    <section className="mount-leftover" aria-label="Left by an interrupted mount">
      <p>
        ⚠ {leftover.sentence}
        {leftover.mountpoint !== undefined && (
          <>
            {' '}
            <code className="details-break">{leftover.mountpoint}</code>
          </>
        )}
      </p>
      <button type="button" className="button" disabled={isBusy(run)} onClick={() => void clearLeftover(leftover.id)}>
        Clear it
      </button>
    </section>
  );
}

function MountCard({ mount, onUnmount }: { readonly mount: LiveMount; readonly onUnmount: () => void }) {
  const { mountpoint, kind, maker, images, stores, upper, work, options, owner } = mount;
  const run = useMounts((state) => state.run);
  const isNew = run.status === 'mounted' && run.done.mountId === mount.mountId;
  return (
    <section className="mount-card" aria-label={mountpoint} data-new={isNew}>
      <header>
        <h3 className="details-break">{mountpoint}</h3>
        <CopyButton text={mountpoint} what="the mount point" />
        <div className="mount-actions">
          <button
            type="button"
            className="button"
            title="Show it in the file manager"
            onClick={() => void showMount(mountpoint)}
          >
            <FolderOpen size={13} aria-hidden /> Files
          </button>
          <button type="button" className="button" disabled={isBusy(run)} onClick={onUnmount}>
            Unmount{owner === undefined && '…'}
          </button>
        </div>
      </header>
      <p className="mount-tags">
        <span className="details-tag">{kindWords[kind]}</span>
        <span className="details-tag">{owner === undefined ? `by ${maker}` : 'by Composcope'}</span>
        <VerityTag mount={mount} />
        <span className="details-tag">
          {upper !== undefined ? 'writes to an upper' : mount.readOnly ? 'read-only' : 'read-write'}
        </span>
      </p>
      <Facts wide>
        {namedImages(images).map(({ name, image }) => (
          <Image key={name} image={image} name={name} />
        ))}
        {stores.map((store) => (
          <Fact key={store} name="Store">
            <span className="mono">{store}</span>
          </Fact>
        ))}
        {upper !== undefined && <Fact name="Upper">{upper}</Fact>}
        {work !== undefined && <Fact name="Work">{work}</Fact>}
        <Fact name="Options">
          <span className="mono dim">{options.join(', ')}</span>
        </Fact>
      </Facts>
    </section>
  );
}

/** Of several, the uppermost is the first. */
const namedImages = (images: readonly TracedImage[]) =>
  images.map((image, index) => ({ image, name: images.length > 1 ? `Image ${index + 1}` : 'Image' }));

function VerityTag({ mount }: { readonly mount: LiveMount }) {
  if (mount.kind === 'erofs') return null;
  const { verity } = mount;
  return (
    <span className={`details-tag ${verity === 'require' ? 'good' : 'mount-caution'}`}>
      {verity === 'require' ? '✓ verity=require' : verity === 'on' ? '– verity=on' : '✗ verity off'}
    </span>
  );
}

function Image({ image, name }: { readonly image: TracedImage; readonly name: string }) {
  const { path, by, note, digest } = image;
  return (
    <>
      <Fact name={name}>
        {path === undefined ? (
          <span className="dim">not known</span>
        ) : (
          <>
            <button
              type="button"
              className="details-link"
              title="Open the image in Explore"
              aria-label={`Explore ${path}`}
              onClick={() => void exploreImage(path)}
            >
              <FolderTree size={12} aria-hidden /> {path}
            </button>{' '}
            <span className="dim">{tracedWords[by]}</span>
          </>
        )}
        {note !== undefined && <span className="mount-note">{note}</span>}
      </Fact>
      {digest !== undefined && (
        <Fact name="Image digest">
          <code className="details-break">{digest}</code> <CopyButton text={digest} what="the image digest" />
        </Fact>
      )}
    </>
  );
}
