import type { LayerId, LayersAdded, StackId, StackInfo } from '../../shared/contract/layer-values.ts';
import type { ImageId, WireError } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { ensureView, refreshWorkspace, revealIn } from './open.ts';
import { remember, useSettings } from './settings.ts';
import { currentStack, useStacks, type StackFailure } from './stack-store.ts';
import { updateView, useViews } from './views.ts';
import { notify, useWorkspace } from './workspace.ts';

let last: Promise<void> = Promise.resolve();

/** Changes come one after the other: each key press is about what the one before left. */
function inOrder(work: () => Promise<void>): Promise<void> {
  last = last.then(work).catch((error: unknown) => notify('error', `The layers were not changed: ${String(error)}`));
  return last;
}

/** Adds what lies at the paths, and open images, on top of the stack that is looked at; where there is none, to a new one. */
export const addLayers = (paths: readonly string[], images: readonly ImageId[] = []): Promise<void> =>
  inOrder(async () => {
    if (paths.length === 0 && images.length === 0) return;
    const stack = currentStack();
    useWorkspace.setState(({ opening }) => ({ opening: [...opening, ...paths] }));
    const place = stack && (await placeIn(stack.image));
    const reply = await engine.call('addLayers', {
      ...(stack && { stack: stack.stack }),
      paths: [...paths],
      images: [...images],
    });
    useWorkspace.setState(({ opening }) => ({ opening: opening.filter((path) => !paths.includes(path)) }));
    if (!reply.ok) {
      if (reply.error.code !== 'cancelled') fail('The layers were not added', reply.error);
      return;
    }
    await take(reply.value, stack, place);
    const failed = new Set(reply.value.failures.map(({ path }) => path));
    remember(paths.filter((path) => !failed.has(path)));
  });

async function take(
  { stack, failures }: LayersAdded,
  before: StackInfo | undefined,
  place: Place | undefined,
): Promise<void> {
  useStacks.setState({ failures: failures.map(({ path, error }) => ({ title: `${path} was not added`, error })) });
  if (stack !== undefined) await show(stack, before, place);
}

/** The layers of a stack as they are to be, the lowest first. */
export type Wanted = readonly { readonly layer: LayerId; readonly isOn: boolean }[];

/** @param change of the layers as they are when its turn comes; undefined: there is nothing to change */
export const changeLayers = (id: StackId, change: (layers: Wanted) => Wanted | undefined): Promise<void> =>
  inOrder(async () => {
    const before = useStacks.getState().stacks.find(({ stack }) => stack === id);
    const layers = before && change(before.layers);
    if (before === undefined || layers === undefined) return;
    const place = await placeIn(before.image);
    const reply = await engine.call('changeLayers', {
      stack: id,
      layers: layers.map(({ layer, isOn }) => ({ layer, isOn })),
    });
    if (!reply.ok) fail('The layers were not changed', reply.error);
    else await show(reply.value, before, place);
  });

/** Takes the layers of another container image of the same layout or archive. */
export const chooseImage = (id: StackId, path: string, image: string): Promise<void> =>
  inOrder(async () => {
    const before = useStacks.getState().stacks.find(({ stack }) => stack === id);
    if (before === undefined) return;
    const place = await placeIn(before.image);
    const reply = await engine.call('chooseImage', { stack: id, path, image });
    if (reply.ok) await show(reply.value, before, place);
    else if (reply.error.code !== 'cancelled') fail('The image was not opened', reply.error);
  });

function fail(title: string, error: WireError): void {
  useStacks.setState({ failures: [{ title, error }] });
}

export function dismissFailure(failure: StackFailure): void {
  useStacks.setState(({ failures }) => ({ failures: failures.filter((other) => other !== failure) }));
}

/** Where one is in an image's tree, in words that hold in the next one too. */
interface Place {
  readonly filter: string;
  readonly showsHidden: boolean;
  readonly path: string | undefined;
}

async function placeIn(image: ImageId): Promise<Place | undefined> {
  const view = useViews.getState().views.get(image);
  if (view === undefined) return undefined;
  const { filter, showsHidden } = view.state;
  if (view.entry === 0) return { filter, showsHidden, path: undefined };
  const path = await engine.call('describe', { image, entries: [view.entry], format: 'path' });
  return { filter, showsHidden, path: path.ok ? path.value : undefined };
}

/** Looks at a stack's merged tree, at the place where one was in the tree before. */
async function show(stack: StackInfo, before: StackInfo | undefined, place: Place | undefined): Promise<void> {
  const { image } = stack;
  // the old tree stays until the new one is there
  const workspace = await engine.call('workspace', {});
  const images = workspace.ok ? workspace.value.images : [];
  const sort = before && useViews.getState().views.get(before.image)?.state.sort;
  await ensureView(image, place?.filter ?? '', sort ?? useSettings.getState().sort, images);
  if (place?.showsHidden === true) await setHidden(image, true);
  if (place?.path !== undefined) {
    const found = await engine.call('find', { image, path: place.path });
    if (found.ok && found.value !== undefined && place.filter === '') await revealIn(image, found.value.entry);
  }
  await refreshWorkspace();
  useStacks.setState({ isNew: false });
  useWorkspace.setState({ selected: image });
  if (before !== undefined && before.image !== image) {
    useViews.setState(({ views }) => ({ views: without(views, before.image) }));
  }
}

function without<K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const rest = new Map(map);
  rest.delete(key);
  return rest;
}

/** Shows, or leaves out, what a stack hides. */
export async function setHidden(image: ImageId, hidden: boolean): Promise<void> {
  const view = useViews.getState().views.get(image);
  if (view === undefined) return;
  const reply = await engine.call('setHidden', { view: view.state.view, hidden });
  if (!reply.ok) {
    notify('error', 'Could not show what the layers hide', reply.error);
    return;
  }
  const row = await engine.call('rowOf', { view: view.state.view, entry: view.entry });
  updateView(image, ({ version, scrollTo }) => ({
    state: reply.value,
    version: version + 1,
    // what is not there any more has no focus
    ...(row.ok && row.value !== undefined
      ? { focus: row.value, anchor: row.value, scrollTo: scrollTo + 1 }
      : { focus: 0, entry: 0, anchor: 0, selected: new Set([0]) }),
  }));
}

/** Goes to a hidden entry by the layer that has it. */
export async function goToHidden(image: ImageId, layer: number, row: number): Promise<void> {
  const reply = await engine.call('findHidden', { image, layer, row });
  if (!reply.ok) notify('error', 'Could not go there', reply.error);
  else if (reply.value === undefined) notify('info', 'This entry shows in the merged tree.');
  else await revealIn(image, reply.value.entry);
}

/** Asks for files or folders to add. */
export async function addLayersByDialog(what: 'file' | 'folder'): Promise<void> {
  const reply = await window.composcope.call('pickOpen', { what });
  if (reply.ok) await addLayers(reply.value);
  else notify('error', 'Could not show the dialog', reply.error);
}
