import { create } from 'zustand';
import {
  createTitle,
  type CreatedImage,
  type CreateOutcome,
  type FormatChoice,
  type TreeOptions,
} from '../../shared/contract/create-values.ts';
import type { WireError } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { choose, chosenPath } from './compare.ts';
import { chooseForMount, forgetDigest } from './mounts.ts';
import { attachStore, openPaths } from './open.ts';
import { publishImage } from './publish.ts';
import { startVerify } from './verify.ts';
import { notify, useWorkspace } from './workspace.ts';

/** How the last run goes, or went. */
export type CreateRun =
  | { readonly status: 'idle' }
  | { readonly status: 'running'; readonly image: string }
  | {
      readonly status: 'ended';
      readonly image: string;
      readonly sources: readonly string[];
      readonly outcome: CreateOutcome;
    }
  | { readonly status: 'failed'; readonly image: string; readonly error: WireError };

interface CreateStore {
  /** The lowest layer first. */
  readonly sources: readonly string[];
  readonly tree: TreeOptions;
  readonly format: FormatChoice;
  readonly threads: number;
  readonly checkContent: boolean;
  readonly store: string | undefined;
  readonly image: string | undefined;
  readonly run: CreateRun;
  /** Rises when the source must be looked through again. */
  readonly looks: number;
}

export const useCreate = create<CreateStore>(() => ({
  sources: [],
  tree: { useEpoch: false, skipDevices: false, xattrs: 'all', hardlinks: false },
  format: 'auto',
  threads: Math.max(1, Math.min(64, navigator.hardwareConcurrency)),
  checkContent: false,
  store: undefined,
  image: undefined,
  run: { status: 'idle' },
  looks: 0,
}));

export const changeTree = (change: Partial<TreeOptions>): void =>
  useCreate.setState(({ tree }) => ({ tree: { ...tree, ...change } }));

/** Takes what an image is to be made of; one that is there already is there once. */
export function setSources(paths: readonly string[]): void {
  const sources = [...new Set(paths)];
  useCreate.setState(({ run, looks }) => ({
    sources,
    looks: looks + 1,
    run: run.status === 'running' ? run : { status: 'idle' },
  }));
}

/** What is dropped or picked: more of it are layers upon those that are there. */
export const addSources = (paths: readonly string[]): void => setSources([...useCreate.getState().sources, ...paths]);

const nameOf = (path: string): string => path.split('/').findLast((part) => part !== '') ?? 'image';

export async function pickSources(what: 'file' | 'folder'): Promise<void> {
  const reply = await window.composcope.call('pickOpen', { what });
  if (reply.ok) addSources(reply.value);
  else notify('error', 'Could not show the dialog', reply.error);
}

/** Asks where to write to. */
export async function pickTarget(what: 'image' | 'store'): Promise<void> {
  const { sources, store } = useCreate.getState();
  const attached = useWorkspace.getState().stores[0]?.dataRoot;
  const image = `${nameOf(sources.at(-1) ?? '').replace(/\.(tar(\.\w+)?|tgz|cfs)$/, '')}.cfs`;
  const suggested = what === 'image' ? image : (store ?? attached ?? '');
  const reply = await window.composcope.call('pickTarget', { what, suggested });
  if (!reply.ok) notify('error', 'Could not show the dialog', reply.error);
  else if (reply.value !== undefined) useCreate.setState({ [what]: reply.value });
}

export async function startCreate(): Promise<void> {
  const { sources, tree, format, threads, checkContent, store, image, run } = useCreate.getState();
  if (run.status === 'running' || image === undefined || sources.length === 0) return;
  useCreate.setState({ run: { status: 'running', image } });
  const reply = await window.composcope.call('createImage', {
    sources: [...sources],
    tree,
    format,
    threads,
    checkContent,
    image,
    ...(store !== undefined && { store }),
  });
  if (reply.ok) {
    forgetDigest(image);
    useCreate.setState({ run: { status: 'ended', image, sources, outcome: reply.value } });
  } else if (reply.error.code === 'cancelled') {
    useCreate.setState({ run: { status: 'idle' } });
    notify('info', `${nameOf(image)} was not made: cancelled. Objects that are in the store are whole, and stay.`);
  } else useCreate.setState({ run: { status: 'failed', image, error: reply.error } });
}

/** The job of a run that is under way. */
export const useCreateJob = () => {
  const run = useCreate((state) => state.run);
  const title = run.status === 'running' ? createTitle(run.image) : undefined;
  return useWorkspace(({ jobs }) => jobs.find((job) => job.title === title));
};

export async function cancelCreate(job: number): Promise<void> {
  const reply = await engine.call('cancelJob', { job });
  if (!reply.ok) notify('error', 'Could not cancel', reply.error);
}

/** Opens what was made, with its store. @returns whether it is open */
async function openMade({ path, objects }: CreatedImage): Promise<boolean> {
  if (objects.store !== undefined) await attachStore(objects.store);
  await openPaths([path]);
  const { images, selected } = useWorkspace.getState();
  const opened = images.find((image) => image.path === path);
  if (opened !== undefined && opened.image !== selected) useWorkspace.setState({ selected: opened.image });
  return opened !== undefined;
}

export async function exploreMade(made: CreatedImage): Promise<void> {
  if (await openMade(made)) useWorkspace.setState({ activity: 'explore' });
}

export async function verifyMade(made: CreatedImage): Promise<void> {
  if (await openMade(made)) await startVerify();
}

export async function mountMade(made: CreatedImage): Promise<void> {
  const { path, digest } = made;
  if (!(await openMade(made))) return;
  const opened = useWorkspace.getState().images.find((image) => image.path === path);
  if (opened === undefined) return;
  chooseForMount(opened.image, digest);
}

export async function publishMade({ path, objects }: CreatedImage): Promise<void> {
  if (objects.store !== undefined) await attachStore(objects.store);
  publishImage(path);
}

export async function compareMade({ path }: CreatedImage, sources: readonly string[]): Promise<void> {
  const [first] = sources;
  if (first === undefined) return;
  const side = { kind: 'paths', paths: sources, userXattrs: false } as const;
  const a = sources.length === 1 ? chosenPath(first) : { side, name: `${sources.length} layers` };
  await choose({ a, b: chosenPath(path) });
}
