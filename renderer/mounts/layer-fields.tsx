import { Menu } from '@base-ui/react/menu';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import type { ImageInfo } from '../../shared/contract/values.ts';
import { shortenMiddle } from '../parts/format.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';
import { openByDialog } from '../state/open.ts';
import { changeDraft } from '../state/mounts.ts';
import { notify, useWorkspace } from '../state/workspace.ts';
import { digestText, isMountable, layerOf, type DraftLayer, type MountDraft } from './plan.ts';

export interface LayerFieldsProps {
  readonly draft: MountDraft;
  readonly layers: readonly DraftLayer[];
}

const change = (layers: readonly DraftLayer[]): void => changeDraft({ layers });

/** The image, or the stack of images and directories, each image with the digest that it must have. */
export function LayerFields({ draft, layers }: LayerFieldsProps) {
  const move = (index: number, by: 1 | -1): void => {
    const next = [...layers];
    const [layer] = next.splice(index, 1);
    if (!layer) return;
    next.splice(index + by, 0, layer);
    change(next);
  };
  return (
    <fieldset>
      <legend>{layers.length > 1 ? 'Layers, the lowest first' : 'Image'}</legend>
      <ol className="mount-layers">
        {layers.map((layer, index) => (
          <li key={layer.path}>
            <div className="mount-layer">
              <span className="mount-layer-path details-break">
                <strong>{baseName(layer.path)}</strong>{' '}
                <span className="dim">
                  {layer.type === 'directory' && 'directory '}
                  {layer.path}
                </span>
              </span>
              {layers.length > 1 && (
                <>
                  <IconButton
                    label={`Lower ${baseName(layer.path)}`}
                    disabled={index === 0}
                    onClick={() => move(index, -1)}
                    Icon={ArrowUp}
                  />
                  <IconButton
                    label={`Raise ${baseName(layer.path)}`}
                    disabled={index === layers.length - 1}
                    onClick={() => move(index, 1)}
                    Icon={ArrowDown}
                  />
                </>
              )}
              {(layers.length > 1 || draft.layers !== undefined) && (
                <IconButton
                  label={`Leave out ${baseName(layer.path)}`}
                  onClick={() => change(layers.filter((other) => other !== layer))}
                  Icon={X}
                />
              )}
            </div>
            {layer.type === 'image' && <DigestField draft={draft} path={layer.path} />}
          </li>
        ))}
      </ol>
      <div className="verify-buttons">
        <AddMenu layers={layers} onAdd={(layer) => change([...layers, layer])} />
        {draft.layers !== undefined && (
          <button type="button" className="button" onClick={() => changeDraft({ layers: undefined })}>
            Only the image that is selected
          </button>
        )}
      </div>
    </fieldset>
  );
}

const baseName = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;

interface IconButtonProps {
  readonly label: string;
  readonly disabled?: boolean;
  readonly onClick: () => void;
  readonly Icon: typeof X;
}

const IconButton = ({ label, disabled = false, onClick, Icon }: IconButtonProps) => (
  <button type="button" className="icon-button" aria-label={label} title={label} disabled={disabled} onClick={onClick}>
    <Icon size={13} aria-hidden />
  </button>
);

function DigestField({ draft, path }: { readonly draft: MountDraft; readonly path: string }) {
  const images = useWorkspace((state) => state.images);
  const text = digestText(draft, path, images);
  const info = images.find((image) => image.path === path);
  const parsed = text.trim() === '' ? undefined : parseDigest(text);
  const fault = parsed && 'fault' in parsed ? parsed.fault : undefined;
  return (
    <label className="mount-digest">
      <span>Expected digest</span>
      <input
        type="text"
        className="mono"
        placeholder="None: any image is mounted"
        spellCheck={false}
        aria-invalid={fault !== undefined}
        value={text}
        onChange={(event) => changeDraft({ digests: { ...draft.digests, [path]: event.target.value } })}
      />
      {parsed && 'digest' in parsed && <Comparison info={info} digest={parsed.digest} />}
    </label>
  );
}

/** What the open image has, beside what is expected: the helper compares again what it mounts. */
function Comparison({ info, digest }: { readonly info: ImageInfo | undefined; readonly digest: string }) {
  if (info?.digest === undefined) return null;
  return info.digest === digest ? (
    <span className="good">✓ the open image has it</span>
  ) : (
    <span className="bad">✗ the open image has {shortenMiddle(info.digest, 8, 8)}</span>
  );
}

interface AddMenuProps {
  readonly layers: readonly DraftLayer[];
  readonly onAdd: (layer: DraftLayer) => void;
}

async function pickDirectory(onAdd: (layer: DraftLayer) => void): Promise<void> {
  const reply = await window.composcope.call('pickOpen', { what: 'layer' });
  if (!reply.ok) notify('error', 'Could not show the dialog', reply.error);
  else if (reply.value[0] !== undefined) onAdd({ type: 'directory', path: reply.value[0] });
}

/** Images that are opened so become the selected one; with more layers than that, they wait in the menu. */
function AddMenu({ layers, onAdd }: AddMenuProps) {
  const images = useWorkspace((state) => state.images);
  const others = images.filter((image) => isMountable(image) && !layers.some(({ path }) => path === image.path));
  return (
    <>
      <button type="button" className="button" onClick={() => void openByDialog('file')}>
        {layers.length === 0 ? 'Choose an image…' : 'Another image…'}
      </button>
      <Menu.Root>
        <Menu.Trigger className="button">
          <Plus size={13} aria-hidden /> Layer
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className="popup-positioner" sideOffset={4} align="start">
            <Menu.Popup className="popup">
              {others.map((image) => (
                <Menu.Item key={image.image} className="popup-item" onClick={() => onAdd(layerOf(image))}>
                  {image.name} <span className="popup-hint">{image.title}</span>
                </Menu.Item>
              ))}
              <Menu.Item className="popup-item" onClick={() => void pickDirectory(onAdd)}>
                A directory…
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </>
  );
}
