import { useState } from 'react';
import { changeSettings, useSettings } from '../state/settings.ts';

/** Layout of a split as react-resizable-panels has it: percent by panel id. */
type Layout = Readonly<Record<string, number>>;

/** Ids of each split's panels, in order: settings hold the numbers alone. */
const panels = {
  window: ['sources', 'view'],
  explore: ['tree', 'details'],
  treemap: ['table', 'treemap'],
  verify: ['problems', 'failure'],
  layers: ['layers', 'merged'],
  compare: ['differences', 'pair'],
  mounts: ['form', 'mounts'],
  create: ['form', 'contents'],
} as const;
export type SplitName = keyof typeof panels;

/** The remembered layout of a split, as it was when the split was first drawn. */
export function usePanes(name: SplitName, initial: readonly number[]): Layout {
  const [layout] = useState(() => {
    const stored = useSettings.getState().panes[name];
    const sizes = stored?.length === initial.length ? stored : initial;
    return Object.fromEntries(panels[name].map((id, index) => [id, sizes[index] ?? 50]));
  });
  return layout;
}

export function rememberPanes(name: SplitName, layout: Layout): void {
  const ids = panels[name];
  if (!ids.every((id) => layout[id] !== undefined)) return; // one of them is hidden
  const sizes = ids.map((id) => Math.round((layout[id] ?? 0) * 100) / 100);
  changeSettings({ panes: { ...useSettings.getState().panes, [name]: sizes } });
}
