import type { ImageId, ImageInfo, Opened, Reply, Sort, ViewState } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { forgetComparison, useCompare } from './compare.ts';
import { showPublication } from './publish-store.ts';
import { remember, useSettings } from './settings.ts';
import { useStacks } from './stack-store.ts';
import { updateView, useViews } from './views.ts';
import { notify, useWorkspace } from './workspace.ts';

/** Opens whatever lies at the paths, in order, and looks at the first image of the last one. */
export async function openPaths(paths: readonly string[]): Promise<void> {
  for (const path of paths) await openPath(path);
}

/** Opens one; an error becomes a notice. @returns what that gave; undefined: nothing */
export async function openPath(path: string): Promise<Opened | undefined> {
  useWorkspace.setState(({ opening }) => ({ opening: [...opening, path] }));
  const reply = await engine.call('open', { path });
  useWorkspace.setState(({ opening }) => ({ opening: opening.filter((other) => other !== path) }));
  if (!reply.ok) {
    if (reply.error.code !== 'cancelled') notify('error', `Could not open ${path}`, reply.error);
    return undefined;
  }
  remember([path]);
  await show(reply.value);
  return reply.value;
}

/** Brings the window up to date with what an opening gave. */
async function show({ images, notes, publication }: Opened): Promise<void> {
  for (const note of notes) notify('info', note);
  await refreshWorkspace();
  for (const image of images) await ensureView(image, '', useSettings.getState().sort);
  const first = images[0];
  if (first !== undefined) useWorkspace.setState({ selected: first });
  if (publication !== undefined) showPublication(publication);
}

/** Asks the engine what is open. */
export async function refreshWorkspace(): Promise<void> {
  // taken in as soon as it is there: behind anything else, it would undo what events have told since
  const reply = await engine.call('workspace', {});
  if (!reply.ok) return;
  const { images, stores, stacks } = reply.value;
  // a stack that was looked at is, whichever image it has now: both in one go, so that nothing else shows in between
  const { selected } = useWorkspace.getState();
  const looked = useStacks.getState().stacks.find(({ image }) => image === selected);
  const now = looked && stacks.find(({ stack }) => stack === looked.stack);
  useStacks.setState({ stacks });
  useWorkspace.setState({ images, stores, ...(now && { selected: now.image }) });
}

/** An image with at most so many entries is shown with all its folders open. */
const SMALL_IMAGE = 200;

async function createView(
  image: ImageId,
  filter: string,
  sort: Sort,
  images: readonly ImageInfo[],
): Promise<Reply<ViewState>> {
  const reply = await engine.call('createView', { image, filter, sort, showStubs: false });
  const isSmall = images.some((other) => other.image === image && other.counts.entries <= SMALL_IMAGE);
  if (!reply.ok || !isSmall) return reply;
  return engine.call('setExpanded', { view: reply.value.view, entry: 0, expanded: true, recursive: true });
}

/** @param images with their facts, where the window does not show them yet */
export async function ensureView(
  image: ImageId,
  filter: string,
  sort: Sort,
  images = useWorkspace.getState().images,
): Promise<void> {
  if (useViews.getState().views.has(image)) return;
  const path = images.find((info) => info.image === image)?.path ?? '';
  const expected = useSettings.getState().expected[path];
  // what somebody expected of this file before; the engine says when it is the wrong one
  if (expected !== undefined) void engine.call('expectDigest', { image, text: expected });
  const reply = await createView(image, filter, sort, images);
  if (!reply.ok) {
    notify('error', 'Could not show the image', reply.error);
    return;
  }
  const state = reply.value;
  useViews.setState(({ views }) => ({
    views: new Map(views).set(image, {
      state,
      focus: 0,
      entry: 0,
      focused: undefined,
      selected: new Set([0]),
      anchor: 0,
      version: 0,
      scrollTo: 0,
    }),
  }));
}

export async function closeImage(image: ImageId): Promise<void> {
  const { state: compared } = useCompare.getState();
  if (compared && [compared.a.image, compared.b.image].includes(image)) forgetComparison();
  const reply = await engine.call('closeImage', { image });
  if (!reply.ok) notify('error', 'Could not close the image', reply.error);
  useViews.setState(({ views }) => {
    const rest = new Map(views);
    rest.delete(image);
    return { views: rest };
  });
  await refreshWorkspace();
  useWorkspace.setState(({ images, selected }) => ({ selected: selected === image ? images.at(-1)?.image : selected }));
}

/** Attaches a folder with objects; an error becomes a notice. */
export async function attachStore(path: string): Promise<void> {
  const reply = await engine.call('attachStore', { path });
  if (!reply.ok) notify('error', `Could not attach ${path} as a store`, reply.error);
  else await show(reply.value);
}

/** Shows the open dialog and opens what was chosen. */
export async function openByDialog(what: 'file' | 'folder'): Promise<void> {
  const reply = await window.composcope.call('pickOpen', { what });
  if (reply.ok) await openPaths(reply.value);
  else notify('error', 'Could not show the dialog', reply.error);
}

/** Asks for the folders that hold the objects, of whatever layout, and attaches them. */
export async function attachByDialog(): Promise<void> {
  const reply = await window.composcope.call('pickOpen', { what: 'store' });
  if (!reply.ok) notify('error', 'Could not show the dialog', reply.error);
  else for (const path of reply.value) await attachStore(path);
}

/** Expands what hides the entry, focuses it and scrolls to it. A filter that hides it is taken away. */
export async function revealIn(image: ImageId, entry: number): Promise<void> {
  const view = useViews.getState().views.get(image);
  if (!view) return;
  let reply = await engine.call('reveal', { view: view.state.view, entry });
  if (reply.ok && reply.value.row === undefined) {
    await engine.call('setFilter', { view: view.state.view, filter: '' });
    reply = await engine.call('reveal', { view: view.state.view, entry });
  }
  if (!reply.ok) {
    notify('error', 'Could not go there', reply.error);
    return;
  }
  const { state, row } = reply.value;
  updateView(image, (before) => ({ state, version: before.version + 1 }));
  if (row !== undefined) focusRow(image, row, entry);
}

/** Moves the focus to a row, selects it alone and scrolls to it. */
export function focusRow(image: ImageId, row: number, entry: number): void {
  updateView(image, (before) => ({
    focus: row,
    entry,
    selected: new Set([entry]),
    anchor: row,
    scrollTo: before.scrollTo + 1,
  }));
}
