import type { LayerInfo } from '../../shared/contract/layer-values.ts';
import type { MountAllowances, MountPlan } from '../../shared/contract/mount-values.ts';
import type { ImageInfo } from '../../shared/contract/values.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';

const NO_TARS =
  'The kernel mounts images and directories, no tars: make an image of the stack with Create, and mount that.';

/** What the form says. What is undefined was not chosen, and follows what is open and what the kernel can. */
export interface MountDraft {
  readonly kind: MountPlan['kind'] | undefined;
  /** The lowest first; undefined: the image that is looked at. */
  readonly layers: readonly DraftLayer[] | undefined;
  /** Expected digests as typed, by the image's path; empty: none is expected. */
  readonly digests: Readonly<Record<string, string>>;
  /** Data roots of attached stores that are left out. */
  readonly without: readonly string[];
  readonly verity: MountPlan['verity'] | undefined;
  readonly writable: { readonly upper: string; readonly work: string } | undefined;
  readonly place: 'own' | 'directory';
  readonly name: string | undefined;
  readonly directory: string;
  readonly allow: MountAllowances;
}

export interface DraftLayer {
  readonly type: 'image' | 'directory';
  readonly path: string;
}

export const emptyDraft: MountDraft = {
  kind: undefined,
  layers: undefined,
  digests: {},
  without: [],
  verity: undefined,
  writable: undefined,
  place: 'own',
  name: undefined,
  directory: '',
  allow: { suid: false, dev: false, exec: true },
};

/** What a stack tells of a layer. */
export type StackLayer = Pick<LayerInfo, 'kind' | 'path' | 'isOn'>;

/** What a draft is completed from. */
export interface DraftContext {
  readonly images: readonly ImageInfo[];
  readonly selected: ImageInfo | undefined;
  /** Layers of the selected image where it is a stack, the lowest first. */
  readonly stack?: readonly StackLayer[] | undefined;
  /** Data roots of the attached stores, in order. */
  readonly stores: readonly string[];
  /** Mount points that are taken. */
  readonly mountpoints: readonly string[];
  /** The kernel can hold objects to their seals; undefined: not known yet. */
  readonly canVerify: boolean | undefined;
}

/** The draft with nothing left open, and what keeps it from being a plan. */
export interface CompleteDraft {
  readonly kind: MountPlan['kind'];
  readonly layers: readonly DraftLayer[];
  readonly stores: readonly string[];
  readonly verity: MountPlan['verity'];
  readonly name: string;
  /** undefined: `faults` say why. */
  readonly plan: MountPlan | undefined;
  readonly faults: readonly string[];
}

/** Whether a kernel mounts the file of this image: not the format of 2023, tars, directories, stacks. */
export const isMountable = ({ kind }: ImageInfo): boolean => kind === 'composefs' || kind === 'erofs';

/** Whether a kernel mounts the layers of this stack that are on: images and directories, no tars. */
export const isMountableStack = (layers: readonly StackLayer[]): boolean => layersOf(layers).length > 0;

/** Layers of a stack as they are mounted, those that are on; none where one of them cannot be. */
function layersOf(stack: readonly StackLayer[] = []): readonly DraftLayer[] {
  const on = stack.filter(({ isOn }) => isOn);
  const layers = on.flatMap(({ kind, path }): readonly DraftLayer[] => {
    if (kind === 'directory') return [{ type: 'directory', path }];
    return kind === 'composefs' || kind === 'erofs' ? [{ type: 'image', path }] : [];
  });
  return layers.length === on.length ? layers : [];
}

/** The digest field's text of an image: as typed, else what the session expects. */
export const digestText = (draft: MountDraft, path: string, images: readonly ImageInfo[]): string =>
  draft.digests[path] ?? images.find((image) => image.path === path)?.expected?.digest ?? '';

/** Completes a draft from what is open, and makes the plan where nothing is wrong with it. */
export function completeDraft(draft: MountDraft, context: DraftContext): CompleteDraft {
  const { images, selected, canVerify, mountpoints } = context;
  const follows = selected !== undefined && isMountable(selected) ? [layerOf(selected)] : layersOf(context.stack);
  const layers = draft.layers ?? follows;
  const attached = context.stores.filter((root) => !draft.without.includes(root));
  const kind = kindOf(draft, layers, attached, images);
  const isOverlay = kind === 'overlay';
  const stores = isOverlay ? attached : [];
  const verity = isOverlay ? (draft.verity ?? (canVerify === true && stores.length > 0 ? 'require' : 'off')) : 'off';
  const writable = isOverlay ? draft.writable : undefined;
  const name = draft.name ?? freeName(layers, mountpoints);
  const at = draft.place === 'own' ? { name } : { directory: tidyPath(draft.directory) };
  const digested = layers.map((layer) => withDigest(layer, digestText(draft, layer.path, images)));
  const plan = { kind, layers: digested.map(({ layer }) => layer), stores, verity, writable, at, allow: draft.allow };
  const isTars = layers.length === 0 && context.stack !== undefined && context.stack.length > 0;
  const faults = isTars ? [NO_TARS] : [...digested.flatMap(({ fault }) => fault ?? []), ...faultsOf(plan)];
  return { kind, layers, stores, verity, name, plan: faults.length === 0 ? plan : undefined, faults };
}

export const layerOf = ({ path }: ImageInfo): DraftLayer => ({ type: 'image', path });

function kindOf(
  draft: MountDraft,
  layers: readonly DraftLayer[],
  stores: readonly string[],
  images: readonly ImageInfo[],
): MountPlan['kind'] {
  const [only] = layers;
  const info = images.find(({ path }) => path === only?.path);
  if (draft.kind !== undefined) return draft.kind;
  if (layers.length !== 1 || draft.writable !== undefined || info === undefined) return 'overlay';
  const needsNoStore = info.kind === 'erofs' || (info.counts.backedFiles === 0 && stores.length === 0);
  return needsNoStore ? 'erofs' : 'overlay';
}

function withDigest(
  layer: DraftLayer,
  text: string,
): { readonly layer: MountPlan['layers'][number]; readonly fault?: string } {
  if (layer.type === 'directory' || text.trim() === '') return { layer };
  const parsed = parseDigest(text);
  if ('fault' in parsed) return { layer, fault: `Expected digest: ${parsed.fault}` };
  return { layer: { ...layer, digest: parsed.digest } };
}

function faultsOf({ kind, layers, stores, writable, at }: MountPlan): readonly string[] {
  const faults: string[] = [];
  const only = layers.length === 1 ? layers[0] : undefined;
  if (layers.length === 0) faults.push('Choose an image: open one, or click one among the sources.');
  else if (kind === 'erofs' && only?.type !== 'image') faults.push('EROFS alone takes one image.');
  else if (kind === 'overlay' && layers.length < 2 && stores.length === 0 && writable === undefined) {
    faults.push(
      'An overlay needs a store, a second layer or an upper one. Attach the store, or mount the EROFS image alone.',
    );
  }
  if (writable && !(isCleanPath(writable.upper) && isCleanPath(writable.work))) {
    faults.push('Writes need two folders on one file system: the upper and the work directory.');
  }
  if ('name' in at && !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(at.name)) {
    faults.push(
      'The folder’s name takes letters, digits, “.”, “_” and “-”, and starts with none of the last two signs.',
    );
  }
  if ('directory' in at && !isCleanPath(at.directory)) faults.push('Choose an empty folder to mount on.');
  return faults;
}

/** A typed path without doubled and last slashes. */
export const tidyPath = (path: string): string =>
  path
    .trim()
    .replace(/\/+/g, '/')
    .replace(/(?<=.)\/$/, '');

/** Of Linux, with the NUL at the end. */
const PATH_MAX = 4096;

const isCleanPath = (path: string): boolean =>
  path.startsWith('/') &&
  path.length < PATH_MAX &&
  !path.includes('\0') &&
  !path.split('/').some((part) => part === '.' || part === '..');

/** A name for the mount point after the uppermost layer, that no mount has. */
function freeName(layers: readonly DraftLayer[], mountpoints: readonly string[]): string {
  const last =
    layers
      .at(-1)
      ?.path.split('/')
      .findLast((part) => part !== '') ?? '';
  const plain = last
    .replace(/\.(?:cfs|composefs|erofs|img|blob)$/i, '')
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[.-]+/, '')
    .slice(0, 90);
  const stem = plain === '' ? 'image' : plain;
  const taken = new Set(mountpoints.map((path) => path.split('/').at(-1)));
  let name = stem;
  for (let number = 2; taken.has(name); number++) name = `${stem}-${number}`;
  return name;
}
