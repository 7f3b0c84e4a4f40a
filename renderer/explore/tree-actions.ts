import type { EntryRow, ImageId, Reply, Sort, ViewState } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { copySelected } from '../state/navigate.ts';
import { focusRow } from '../state/open.ts';
import { changeSettings } from '../state/settings.ts';
import { updateView, useViews, type ImageView } from '../state/views.ts';
import { notify } from '../state/workspace.ts';
import type { TreeAction } from './tree-keys.ts';

/** Rows that may be selected at once: what the engine describes in one answer. */
const MAX_SELECTED = 100_000;
const STEP = 1000;

const viewOf = (image: ImageId): ImageView | undefined => useViews.getState().views.get(image);

function accept(image: ImageId, reply: Reply<ViewState>): boolean {
  if (!reply.ok) {
    notify('error', 'Could not change the view', reply.error);
    return false;
  }
  updateView(image, ({ state, version }) =>
    state.view === reply.value.view ? { state: reply.value, version: version + 1 } : {},
  );
  return true;
}

export async function setExpanded(image: ImageId, entry: number, expanded: boolean, recursive = false): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  if (accept(image, await engine.call('setExpanded', { view: view.state.view, entry, expanded, recursive })))
    await keepPlace(image);
}

let filterAsked = 0;

export async function setFilter(image: ImageId, filter: string): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  const asked = ++filterAsked;
  const reply = await engine.call('setFilter', { view: view.state.view, filter });
  if (asked !== filterAsked) return; // a newer text is on its way
  if (accept(image, reply)) await keepPlace(image);
}

export async function setSort(image: ImageId, sort: Sort): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  changeSettings({ sort });
  if (accept(image, await engine.call('setSort', { view: view.state.view, sort }))) await keepPlace(image);
}

/** After rows moved, the focus stays on its entry; where that is hidden now, it goes to the first row. */
async function keepPlace(image: ImageId): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  const here = await rowAt(image, view.focus);
  if (here?.entry === view.entry) return;
  const found = await engine.call('rowOf', { view: view.state.view, entry: view.entry });
  if (!found.ok) return;
  if (found.value !== undefined) updateView(image, () => ({ focus: found.value ?? 0, anchor: found.value ?? 0 }));
  else {
    const first = await rowAt(image, 0);
    focusRow(image, 0, first?.entry ?? 0);
  }
}

/** A row as it is now, straight from the engine. */
async function rowAt(image: ImageId, row: number): Promise<EntryRow | undefined> {
  const view = viewOf(image);
  if (!view || row >= view.state.total) return undefined;
  const reply = await engine.call('rows', { view: view.state.view, from: row, to: row + 1 });
  return reply.ok ? reply.value[0] : undefined;
}

/** Moves the focus to a row; `extend` selects all from the anchor to there. */
export async function moveTo(image: ImageId, row: number, extend: boolean, known?: EntryRow): Promise<void> {
  const view = viewOf(image);
  if (!view || view.state.total === 0) return;
  const target = Math.min(view.state.total - 1, Math.max(0, row));
  const entry = known?.entry ?? (await rowAt(image, target))?.entry;
  if (entry === undefined) return;
  if (!extend) {
    focusRow(image, target, entry);
    return;
  }
  const selected = await entriesBetween(image, view.anchor, target);
  updateView(image, ({ scrollTo }) => ({ focus: target, entry, selected, scrollTo: scrollTo + 1 }));
}

async function selectAll(image: ImageId): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  if (view.state.total > MAX_SELECTED)
    notify('info', `The first ${MAX_SELECTED.toLocaleString('en-US')} rows are selected.`);
  const selected = await entriesBetween(image, 0, view.state.total - 1);
  updateView(image, () => ({ selected }));
}

/** Adds a row to the selection, or takes it out. */
export function toggleSelected(image: ImageId, row: number, entry: number): void {
  updateView(image, (view) => {
    const selected = new Set(view.selected);
    if (!selected.delete(entry)) selected.add(entry);
    return { focus: row, entry, anchor: row, selected };
  });
}

async function entriesBetween(image: ImageId, a: number, b: number): Promise<ReadonlySet<number>> {
  const view = viewOf(image);
  const selected = new Set<number>();
  if (!view) return selected;
  const stop = Math.min(Math.max(a, b) + 1, Math.min(a, b) + MAX_SELECTED);
  for (let from = Math.min(a, b); from < stop; from += STEP) {
    const reply = await engine.call('rows', { view: view.state.view, from, to: Math.min(stop, from + STEP) });
    if (!reply.ok) break;
    for (const { entry } of reply.value) selected.add(entry);
  }
  return selected;
}

/** Left: collapses the row, or goes to its parent. */
async function collapseOrParent(image: ImageId, row: EntryRow): Promise<void> {
  if (row.expanded === true) await setExpanded(image, row.entry, false);
  else await goToParent(image, row);
}

async function goToParent(image: ImageId, row: EntryRow): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  // the parent is the nearest row above that is one level up
  for (let to = view.focus; to > 0; to -= STEP) {
    const from = Math.max(0, to - STEP);
    const reply = await engine.call('rows', { view: view.state.view, from, to });
    if (!reply.ok) return;
    const at = reply.value.findLastIndex(({ depth }) => depth < row.depth);
    const parent = reply.value[at];
    if (parent) {
      focusRow(image, from + at, parent.entry);
      return;
    }
  }
}

/** Right: expands the row, or goes to its first child. */
async function expandOrEnter(image: ImageId, row: EntryRow, index: number): Promise<void> {
  if (row.expanded === false && row.hasChildren) await setExpanded(image, row.entry, true);
  else if (row.expanded === true && row.hasChildren) await moveTo(image, index + 1, false);
}

/** `*`: expands all folders beside the row. */
async function expandSiblings(image: ImageId, row: EntryRow): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  const reply = await engine.call('expandSiblings', { view: view.state.view, entry: row.entry });
  if (accept(image, reply)) await keepPlace(image);
}

/** Goes to the next name that starts so: from the row in focus on where the word goes on, else behind it. */
export async function typeAhead(image: ImageId, prefix: string, continues: boolean): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  const from = view.focus + (continues ? 0 : 1);
  const reply = await engine.call('typeAhead', { view: view.state.view, from, prefix });
  if (reply.ok && reply.value) focusRow(image, reply.value.row, reply.value.entry);
}

/** Does what a key means, on the rows as they are now. */
export async function act(image: ImageId, action: TreeAction, extend: boolean, pageRows: number): Promise<void> {
  const view = viewOf(image);
  if (!view) return;
  switch (action.kind) {
    case 'move':
      await moveTo(image, view.focus + action.by, extend);
      return;
    case 'page':
      await moveTo(image, view.focus + action.direction * pageRows, extend);
      return;
    case 'edge':
      await moveTo(image, action.end ? view.state.total - 1 : 0, extend);
      return;
    case 'select-all':
      await selectAll(image);
      return;
    case 'copy':
      await copySelected(image, 'path');
      return;
    default:
  }
  const row = await rowAt(image, view.focus);
  if (!row) return;
  if (action.kind === 'expand') await expandOrEnter(image, row, view.focus);
  else if (action.kind === 'collapse') await collapseOrParent(image, row);
  else if (action.kind === 'expand-siblings') await expandSiblings(image, row);
  else if (action.kind === 'toggle-selected') toggleSelected(image, view.focus, row.entry);
}

let last: Promise<void> = Promise.resolve();

/** Runs what a key asks for when the keys before it are done: each sees the rows as those left them. */
export function inOrder(run: () => Promise<void>): void {
  last = last.then(run).catch((error: unknown) => notify('error', `The key failed: ${String(error)}`));
}
