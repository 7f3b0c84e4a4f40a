import { create } from 'zustand';
import type { StackInfo } from '../../shared/contract/layer-values.ts';
import type { WireError } from '../../shared/contract/values.ts';
import { useWorkspace } from './workspace.ts';

/** What could not be done with a stack, until it is put away. */
export interface StackFailure {
  readonly title: string;
  readonly error: WireError;
}

interface StacksState {
  readonly stacks: readonly StackInfo[];
  readonly failures: readonly StackFailure[];
  /** A new stack is wanted: what is dropped makes one, whichever is looked at. */
  readonly isNew: boolean;
}

export const useStacks = create<StacksState>(() => ({ stacks: [], failures: [], isNew: false }));

/** The stack that is looked at. */
export function useCurrentStack(): StackInfo | undefined {
  const selected = useWorkspace((state) => state.selected);
  return useStacks(({ stacks, isNew }) => (isNew ? undefined : stacks.find(({ image }) => image === selected)));
}

/** As `useCurrentStack`, now. */
export const currentStack = (): StackInfo | undefined => {
  const { stacks, isNew } = useStacks.getState();
  const { selected } = useWorkspace.getState();
  return isNew ? undefined : stacks.find(({ image }) => image === selected);
};
