import { create } from 'zustand';
import type { MountDone, MountFailure, MountList, MountPlan, MountStep } from '../../shared/contract/mount-values.ts';
import type { ImageId, WireError } from '../../shared/contract/values.ts';
import { emptyDraft, type MountDraft } from '../mounts/plan.ts';
import { openPaths } from './open.ts';
import { notify, useWorkspace } from './workspace.ts';

/** What was asked for last, and how it went. */
export type MountRun =
  | { readonly status: 'idle' }
  | { readonly status: 'running'; readonly what: string; readonly steps: readonly MountStep[] }
  | { readonly status: 'mounted'; readonly done: MountDone }
  | {
      readonly status: 'failed';
      readonly what: string;
      readonly failure: MountFailure;
      /** Of an unmount: where. */
      readonly mountpoint: string | undefined;
    }
  /** It did not come to a step. */
  | { readonly status: 'refused'; readonly what: string; readonly error: WireError };

export type MountsTab = 'list' | 'outcome' | 'preflight' | 'commands';

interface MountsStore {
  /** undefined: nobody asked yet. */
  readonly list: MountList | undefined;
  readonly error: WireError | undefined;
  readonly draft: MountDraft;
  readonly run: MountRun;
  readonly tab: MountsTab;
  /** Rises when the preflight is to be made again. */
  readonly looks: number;
}

export const useMounts = create<MountsStore>(() => ({
  list: undefined,
  error: undefined,
  draft: emptyDraft,
  run: { status: 'idle' },
  tab: 'list',
  looks: 0,
}));

export function changeDraft(change: Partial<MountDraft>): void {
  useMounts.setState(({ draft }) => ({ draft: { ...draft, ...change } }));
}

/**
 * Goes to the form with an image chosen; the Mount button has the focus.
 *
 * @param digest that it is to have, where that is known
 */
export function chooseForMount(image: ImageId, digest?: string): void {
  useWorkspace.setState({ selected: image, activity: 'mounts' });
  const { digests, allow } = useMounts.getState().draft;
  const path = useWorkspace.getState().images.find((info) => info.image === image)?.path;
  const expected = path === undefined || digest === undefined ? digests : { ...digests, [path]: digest };
  useMounts.setState({ draft: { ...emptyDraft, digests: expected, allow } });
  requestAnimationFrame(() => document.querySelector<HTMLButtonElement>('#mount')?.focus());
}

/** Another image lies at the path now: what was expected of the one before is of no use. */
export function forgetDigest(path: string): void {
  const { [path]: _, ...digests } = useMounts.getState().draft.digests;
  changeDraft({ digests });
}

/** Asks which mounts there are. An answer that says what is known changes nothing, so that nothing is drawn again. */
export async function refreshMounts(): Promise<void> {
  const reply = await window.composcope.call('mounts', {});
  const { list } = useMounts.getState();
  if (!reply.ok) useMounts.setState({ error: reply.error });
  else if (JSON.stringify(reply.value) !== JSON.stringify(list)) {
    useMounts.setState({ list: reply.value, error: undefined });
  } else useMounts.setState({ error: undefined });
}

export const isBusy = (run: MountRun): boolean => run.status === 'running';

/** Steps go to the run that is under way. */
export function onMountStep(step: MountStep): void {
  useMounts.setState(({ run }) => (run.status === 'running' ? { run: { ...run, steps: [...run.steps, step] } } : {}));
}

export async function startMount(plan: MountPlan): Promise<void> {
  if (isBusy(useMounts.getState().run)) return;
  const what = `Mount ${plan.layers.map(({ path }) => path).join(', ')}`;
  useMounts.setState({ run: { status: 'running', what, steps: [] }, tab: 'outcome' });
  const reply = await window.composcope.call('mount', plan);
  if (!reply.ok) useMounts.setState({ run: { status: 'refused', what, error: reply.error } });
  else if (reply.value.ok) useMounts.setState({ run: { status: 'mounted', done: reply.value.done } });
  else {
    useMounts.setState({ run: { status: 'failed', what, failure: reply.value.failure, mountpoint: undefined } });
  }
  await refreshMounts();
}

/** @param lazy out of sight at once; freed when the last who holds it lets go */
export async function unmount(mountpoint: string, lazy = false): Promise<void> {
  await undo(`Unmount ${mountpoint}`, mountpoint, () => window.composcope.call('unmount', { mountpoint, lazy }));
}

export async function clearLeftover(id: string): Promise<void> {
  await undo('Clear what was left', undefined, () => window.composcope.call('clearLeftover', { id }));
}

async function undo(
  what: string,
  mountpoint: string | undefined,
  ask: () => ReturnType<typeof window.composcope.call<'unmount' | 'clearLeftover'>>,
): Promise<void> {
  const before = useMounts.getState().run;
  if (isBusy(before)) return;
  useMounts.setState({ run: { status: 'running', what, steps: [] } });
  const reply = await ask();
  if (!reply.ok) useMounts.setState({ run: { status: 'refused', what, error: reply.error }, tab: 'outcome' });
  else if (!reply.value.ok) {
    useMounts.setState({ run: { status: 'failed', what, failure: reply.value.failure, mountpoint }, tab: 'outcome' });
  } else {
    const isAbout = before.status === 'mounted' && before.done.mountpoint !== mountpoint;
    useMounts.setState({ run: isAbout ? before : { status: 'idle' }, tab: 'list' });
    notify('info', mountpoint === undefined ? 'What was left is cleared.' : `${mountpoint} is unmounted.`);
  }
  await refreshMounts();
}

/** Shows a mount in the file manager. */
export async function showMount(mountpoint: string): Promise<void> {
  const reply = await window.composcope.call('showMount', { mountpoint });
  if (!reply.ok) notify('error', `Could not show ${mountpoint}`, reply.error);
}

/** Looks into an image of a mount. */
export async function exploreImage(path: string): Promise<void> {
  useWorkspace.setState({ activity: 'explore' });
  await openPaths([path]);
}
