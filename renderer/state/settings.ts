import { create } from 'zustand';
import type { Settings } from '../../shared/contract/app-calls.ts';

/** What is remembered between starts. Loaded once, saved a moment after each change. */
export const useSettings = create<Settings>(() => ({
  columns: { order: [], hidden: ['links', 'inode'], widths: {} },
  panes: {},
  sort: { column: 'name', descending: false },
  ui: {},
  theme: 'system',
  recent: [],
  expected: {},
}));

const SAVE_AFTER_MS = 400;
let timer: number | undefined;

/** Reads what was remembered; what cannot be read stays at its default. */
export async function loadSettings(): Promise<void> {
  const reply = await window.composcope.call('loadSettings', {});
  if (!reply.ok) return;
  const isFresh = reply.value.columns.order.length === 0 && reply.value.columns.hidden.length === 0;
  useSettings.setState(isFresh ? { ...reply.value, columns: useSettings.getState().columns } : reply.value);
}

export function changeSettings(change: Partial<Settings>): void {
  useSettings.setState(change);
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void window.composcope.call('saveSettings', useSettings.getState()), SAVE_AFTER_MS);
}

/** One remembered choice of the window, such as which pane is shown. */
export function useChoice<T extends string | boolean | number>(
  name: string,
  initial: T,
): readonly [T, (value: T) => void] {
  const stored = useSettings((state) => state.ui[name]);
  const value = typeof stored === typeof initial ? (stored as T) : initial; // the types were just compared
  return [value, (next) => changeSettings({ ui: { ...useSettings.getState().ui, [name]: next } })];
}

/** Tabs of the details pane. */
export type DetailsTab = 'attributes' | 'content' | 'inode' | 'where-used' | 'image';

export function showDetailsTab(tab: DetailsTab): void {
  changeSettings({ ui: { ...useSettings.getState().ui, detailsTab: tab, details: true } });
}

const MAX_RECENT = 20;

/** Puts paths at the head of the recent list. */
export function remember(paths: readonly string[]): void {
  const { recent } = useSettings.getState();
  changeSettings({ recent: [...new Set([...paths, ...recent])].slice(0, MAX_RECENT) });
}
