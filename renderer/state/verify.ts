import { create } from 'zustand';
import type { ObjectRef, RepairResult, VerifyState } from '../../shared/contract/verify-values.ts';
import { engine } from '../engine/engine.ts';
import { notify, useWorkspace } from './workspace.ts';

interface VerifyStore {
  /** How the last run goes; undefined: the engine was not heard of yet. */
  readonly state: VerifyState | undefined;
  /** Rises when the list of problems is another one. */
  readonly version: number;
  /** The failure that is looked at. */
  readonly selected: ObjectRef | undefined;
  /** What the last repair did. */
  readonly repaired: readonly RepairResult[];
}

export const useVerify = create<VerifyStore>(() => ({
  state: undefined,
  version: 0,
  selected: undefined,
  repaired: [],
}));

export const isRunning = (state: VerifyState | undefined): boolean =>
  state !== undefined && ['looking', 'hashing', 'explaining'].includes(state.phase);

/** Verifies all open images, or whole stores alone; shows the view. */
export async function startVerify(
  options: {
    readonly full?: boolean;
    readonly wholeStores?: readonly number[];
  } = {},
): Promise<void> {
  useWorkspace.setState({ activity: 'verify' });
  const { full = false, wholeStores = [] } = options;
  const reply = await engine.call('verify', { images: [], wholeStores: [...wholeStores], full, useCache: !full });
  if (reply.ok) useVerify.setState({ state: reply.value });
  else notify('error', 'Could not verify', reply.error);
}

/** Repairs some bad objects, or all; a notice says how it went. */
export async function repairObjects(
  objects: readonly { readonly image: number; readonly entry: number }[],
  from: readonly string[],
): Promise<void> {
  const reply = await engine.call('repair', { objects: [...objects], from: [...from], keep: true });
  if (!reply.ok) {
    notify('error', 'Could not repair', reply.error);
    return;
  }
  useVerify.setState({ repaired: reply.value });
  const done = reply.value.filter(({ outcome }) => outcome === 'repaired').length;
  const [first] = reply.value;
  if (reply.value.length === 1 && first !== undefined) notify(done === 1 ? 'info' : 'error', first.message);
  else
    notify(done === reply.value.length ? 'info' : 'error', `${done} of ${reply.value.length} objects were repaired.`);
}
