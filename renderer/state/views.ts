import { create } from 'zustand';
import type { EntryRow, ImageId, Sort, ViewState } from '../../shared/contract/values.ts';

/** One image's view: what the engine says of it, and what the person does with it. */
export interface ImageView {
  readonly state: ViewState;
  /** Row that has the focus; the keyboard moves it. */
  readonly focus: number;
  /** Its entry, path and row, as far as known: what the details pane shows. */
  readonly entry: number;
  readonly focused: EntryRow | undefined;
  /** Selected entries, the focused one among them. */
  readonly selected: ReadonlySet<number>;
  /** Where Shift extends from. */
  readonly anchor: number;
  /** Rises when rows must be asked for again. */
  readonly version: number;
  /** Rises when the focused row must be scrolled to. */
  readonly scrollTo: number;
}

interface ViewsState {
  readonly views: ReadonlyMap<ImageId, ImageView>;
}

export const useViews = create<ViewsState>(() => ({ views: new Map() }));

export const useView = (image: ImageId | undefined): ImageView | undefined =>
  useViews((state) => (image === undefined ? undefined : state.views.get(image)));

/** Changes one image's view; does nothing where it is closed. */
export function updateView(image: ImageId, change: (view: ImageView) => Partial<ImageView>): void {
  useViews.setState(({ views }) => {
    const view = views.get(image);
    return view ? { views: new Map(views).set(image, { ...view, ...change(view) }) } : {};
  });
}

/** A view state that came with an answer or as an event: rows of it are asked for anew. */
export function receiveViewState(state: ViewState): void {
  updateView(state.image, (view) => (view.state.view === state.view ? { state, version: view.version + 1 } : {}));
}

export const nameSort: Sort = { column: 'name', descending: false };
