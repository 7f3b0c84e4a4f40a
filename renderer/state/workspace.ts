import { create } from 'zustand';
import type { ImageId, ImageInfo, JobState, StoreInfo, WireError } from '../../shared/contract/values.ts';

/** The jobs of the window, each a view. */
export type Activity = 'explore' | 'verify' | 'layers' | 'compare' | 'mounts' | 'create';

/** What is open, and which image is looked at. */
export interface WorkspaceState {
  readonly images: readonly ImageInfo[];
  readonly stores: readonly StoreInfo[];
  readonly selected: ImageId | undefined;
  /** Which of the views is shown. */
  readonly activity: Activity;
  readonly jobs: readonly JobState[];
  /** Paths that are being opened now. */
  readonly opening: readonly string[];
  /** Rises with every change that makes rows on the screen stale, by image. */
  readonly rowVersions: ReadonlyMap<ImageId, number>;
  /** Why the engine is gone; undefined while it lives. */
  readonly engineGone: string | undefined;
}

export const useWorkspace = create<WorkspaceState>(() => ({
  images: [],
  stores: [],
  selected: undefined,
  activity: 'explore',
  jobs: [],
  opening: [],
  rowVersions: new Map(),
  engineGone: undefined,
}));

/** The image that is looked at. */
export const useSelectedImage = (): ImageInfo | undefined =>
  useWorkspace((state) => state.images.find(({ image }) => image === state.selected));

/** How often rows of an image went stale: a dependency of what is shown of them. */
export const useRowVersion = (image: ImageId | undefined): number =>
  useWorkspace((state) => (image === undefined ? 0 : (state.rowVersions.get(image) ?? 0)));

/** An error shown to the person, until dismissed. */
export interface Notice {
  readonly id: number;
  readonly kind: 'error' | 'info';
  readonly title: string;
  readonly error: WireError | undefined;
}

interface NoticeState {
  readonly notices: readonly Notice[];
}

export const useNotices = create<NoticeState>(() => ({ notices: [] }));
let nextNotice = 1;

export function notify(kind: Notice['kind'], title: string, error?: WireError): void {
  const notice: Notice = { id: nextNotice++, kind, title, error };
  useNotices.setState(({ notices }) => ({ notices: [...notices.slice(-4), notice] }));
}

export function dismissNotice(id: number): void {
  useNotices.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
}
