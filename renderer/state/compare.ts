import { create } from 'zustand';
import {
  compareAttributes,
  NO_NOISE,
  type CompareAttribute,
  type CompareFilter,
  type CompareFormat,
  type CompareNoise,
  type CompareSide,
  type CompareState,
} from '../../shared/contract/compare-values.ts';
import type { ImageId, Reply, WireError } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { changeSettings, useSettings } from './settings.ts';
import { notify, useWorkspace } from './workspace.ts';

export type SideName = 'a' | 'b';

/** What somebody put into a slot, and what it is called until it is opened. */
export interface Chosen {
  readonly side: CompareSide;
  readonly name: string;
}

export const compareTabs = ['differences', 'why', 'summary'] as const;
export type CompareTab = (typeof compareTabs)[number];

interface CompareStore {
  readonly a: Chosen | undefined;
  readonly b: Chosen | undefined;
  readonly phase: 'waiting' | 'comparing' | 'ready' | 'failed';
  readonly error: WireError | undefined;
  readonly state: CompareState | undefined;
  readonly tab: CompareTab;
  /** Visible row that has the focus, and its number in the merged tree. */
  readonly focus: number;
  readonly row: number;
  /** Rises when rows must be asked for again. */
  readonly version: number;
  /** Rises when the focused row must be scrolled to. */
  readonly scrollTo: number;
}

export const useCompare = create<CompareStore>(() => ({
  a: undefined,
  b: undefined,
  phase: 'waiting',
  error: undefined,
  state: undefined,
  tab: 'differences',
  focus: 0,
  row: 0,
  version: 0,
  scrollTo: 0,
}));

const nameOf = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;

export const chosenImage = (image: ImageId): Chosen => ({
  side: { kind: 'image', image },
  name: useWorkspace.getState().images.find((info) => info.image === image)?.name ?? '',
});

export const chosenPath = (path: string): Chosen => ({
  side: { kind: 'paths', paths: [path], userXattrs: false },
  name: nameOf(path),
});

/** Puts something into slots; compares as soon as both are filled. Shows the view. */
export async function choose(slots: {
  readonly a?: Chosen | undefined;
  readonly b?: Chosen | undefined;
}): Promise<void> {
  useWorkspace.setState({ activity: 'compare' });
  useCompare.setState(slots);
  const { a, b } = useCompare.getState();
  if (a && b) await compareAgain();
  else await closeComparison();
}

/** Dropped or picked paths: two fill both slots, one fills the slot that it fell on, or the first that is free. */
export async function choosePaths(paths: readonly string[], on?: SideName): Promise<void> {
  const [first, second] = paths;
  if (first === undefined) return;
  if (paths.length > 2) notify('info', 'Two things are compared at a time: the first two were taken.');
  if (second !== undefined) await choose({ a: chosenPath(first), b: chosenPath(second) });
  else await choose({ [on ?? (useCompare.getState().a ? 'b' : 'a')]: chosenPath(first) });
}

/** Compares what is in the slots, as it is now. */
export async function compareAgain(): Promise<void> {
  const { a, b } = useCompare.getState();
  if (!a || !b) return;
  await closeComparison();
  useCompare.setState({ phase: 'comparing', error: undefined });
  const reply = await engine.call('compare', {
    a: asRequest(a.side),
    b: asRequest(b.side),
    noise: asNoise(rememberedNoise()),
  });
  const now = useCompare.getState();
  if (now.a !== a || now.b !== b) {
    // something else was chosen meanwhile
    if (reply.ok) void engine.call('closeComparison', { comparison: reply.value.comparison });
    return;
  }
  if (reply.ok) {
    useCompare.setState({
      phase: 'ready',
      state: reply.value,
      focus: 0,
      row: 0,
      version: now.version + 1,
      scrollTo: now.scrollTo + 1,
    });
  } else useCompare.setState({ phase: 'failed', error: reply.error });
}

const asRequest = (side: CompareSide) => (side.kind === 'image' ? side : { ...side, paths: [...side.paths] });
const asNoise = ({ attributes, xattrs, paths }: CompareNoise) => ({
  attributes: [...attributes],
  xattrs: [...xattrs],
  paths,
});

async function closeComparison(): Promise<void> {
  const { state } = useCompare.getState();
  useCompare.setState({ state: undefined, phase: 'waiting', error: undefined });
  // the engine may have closed it with an image of it
  if (state) await engine.call('closeComparison', { comparison: state.comparison });
}

/** The engine ended, or an image was closed: what is on the screen is no more; what was compared stays in the slots. */
export function forgetComparison(): void {
  const { state, a, b } = useCompare.getState();
  useCompare.setState({
    a: a && asPaths(a, state?.a.paths),
    b: b && asPaths(b, state?.b.paths),
    state: undefined,
    phase: 'waiting',
  });
}

const asPaths = (chosen: Chosen, paths: readonly string[] | undefined): Chosen | undefined => {
  if (chosen.side.kind === 'paths') return chosen;
  return paths && { side: { kind: 'paths', paths, userXattrs: false }, name: chosen.name };
};

/** An answer that is the new state; rows are asked for anew. */
export function acceptComparison(title: string, reply: Reply<CompareState>): boolean {
  if (!reply.ok) {
    notify('error', title, reply.error);
    return false;
  }
  useCompare.setState(({ version, focus }) => ({
    state: reply.value,
    version: version + 1,
    focus: Math.min(focus, Math.max(0, reply.value.total - 1)),
  }));
  return true;
}

/** Exchanges both sides. */
export async function swap(): Promise<void> {
  const { a, b, state } = useCompare.getState();
  useCompare.setState({ a: b, b: a });
  if (!state) return;
  const reply = await engine.call('swapComparison', { comparison: state.comparison });
  if (acceptComparison('Could not swap the sides', reply)) focusCompareRow(0, 0);
}

export async function clearSide(side: SideName): Promise<void> {
  useCompare.setState({ [side]: undefined });
  await closeComparison();
}

export function focusCompareRow(focus: number, row: number): void {
  useCompare.setState(({ scrollTo }) => ({ focus, row, scrollTo: scrollTo + 1 }));
}

/** Changes the filter; keeps the row in focus where it is still shown. */
export async function setCompareFilter(change: Partial<CompareFilter>): Promise<void> {
  const { state } = useCompare.getState();
  if (!state) return;
  const { text, statuses, attributes, onlyDifferences } = { ...state.filter, ...change };
  const reply = await engine.call('setCompareFilter', {
    comparison: state.comparison,
    filter: { text, statuses: [...statuses], attributes: [...attributes], onlyDifferences },
  });
  if (acceptComparison('Could not filter', reply)) await keepPlace();
}

/** The row in focus may be elsewhere by now, or hidden. */
async function keepPlace(): Promise<void> {
  const { state, row } = useCompare.getState();
  if (!state) return;
  const reply = await engine.call('revealCompareRow', { comparison: state.comparison, row });
  if (!reply.ok) return;
  const { at } = reply.value;
  if (at === undefined) {
    const [first] = await rowsAt(0);
    focusCompareRow(0, first?.row ?? 0);
  } else {
    acceptComparison('', { ok: true, value: reply.value.state });
    focusCompareRow(at, row);
  }
}

async function rowsAt(at: number) {
  const { state } = useCompare.getState();
  if (!state || at >= state.total) return [];
  const reply = await engine.call('compareRows', { comparison: state.comparison, from: at, to: at + 1 });
  return reply.ok ? reply.value : [];
}

const isAttribute = (word: string): word is CompareAttribute => compareAttributes.some((known) => known === word);

/** The switches as they were left the last time. */
export function rememberedNoise(): CompareNoise {
  const { ui } = useSettings.getState();
  const text = (name: string): string => (typeof ui[name] === 'string' ? ui[name] : '');
  return {
    attributes: text('noiseAttributes').split(' ').filter(isAttribute),
    xattrs: text('noiseXattrs')
      .split(' ')
      .filter((word) => word !== ''),
    paths: text('noisePaths'),
  };
}

/** Switches noise on and off, now and from now on. */
export async function setNoise(change: Partial<CompareNoise>): Promise<void> {
  const { state } = useCompare.getState();
  const noise = { ...NO_NOISE, ...rememberedNoise(), ...change };
  changeSettings({
    ui: {
      ...useSettings.getState().ui,
      noiseAttributes: noise.attributes.join(' '),
      noiseXattrs: noise.xattrs.join(' ').slice(0, 256),
      noisePaths: noise.paths.slice(0, 256),
    },
  });
  if (!state) return;
  const reply = await engine.call('setCompareNoise', { comparison: state.comparison, noise: asNoise(noise) });
  if (acceptComparison('Could not change what is compared', reply)) await keepPlace();
}

/** F7 and F8. */
export async function goToDifference(direction: 'next' | 'previous'): Promise<void> {
  const { state, row } = useCompare.getState();
  if (!state) {
    notify('info', 'Choose two things to compare first.');
    return;
  }
  useCompare.setState({ tab: 'differences' });
  const reply = await engine.call('nextDifference', { comparison: state.comparison, row, direction });
  if (!reply.ok) notify('error', 'Could not go to a difference', reply.error);
  else if (!reply.value) notify('info', 'Nothing differs here.');
  else {
    acceptComparison('', { ok: true, value: reply.value.state });
    focusCompareRow(reply.value.at, reply.value.row);
  }
}

/** Shows a row of the merged tree in the list of differences; a filter that hides it is taken away. */
export async function goToCompareRow(row: number): Promise<void> {
  const { state } = useCompare.getState();
  if (!state) return;
  useCompare.setState({ tab: 'differences' });
  const ask = () => engine.call('revealCompareRow', { comparison: state.comparison, row });
  let reply = await ask();
  if (reply.ok && reply.value.at === undefined) {
    await setCompareFilter({ text: '', statuses: [], attributes: [], onlyDifferences: false });
    reply = await ask();
  }
  if (!reply.ok || reply.value.at === undefined) return;
  acceptComparison('', { ok: true, value: reply.value.state });
  focusCompareRow(reply.value.at, row);
}

export async function exportComparison(format: CompareFormat): Promise<void> {
  const { state } = useCompare.getState();
  if (!state) return;
  const reply = await window.composcope.call('saveComparison', { comparison: state.comparison, format });
  if (!reply.ok) notify('error', 'Could not save the differences', reply.error);
  else if (reply.value) notify('info', `The differences are in ${reply.value.path}.`);
}
