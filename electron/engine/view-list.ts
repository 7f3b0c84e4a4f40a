import type { ImageId, Sort, ViewId, ViewState } from '../../shared/contract/values.ts';
import { CallError } from '../../shared/contract/wire-error.ts';
import { TreeView } from '../../shared/tree/view.ts';
import type { ImageSession } from './image-session.ts';

interface OpenView {
  readonly id: ViewId;
  readonly image: ImageId;
  /** Of the table's rows. */
  readonly count: number;
  readonly tree: TreeView;
}

/** Each view holds arrays as long as the table: a page that forgets to close them must not fill the memory. */
const MAX_VIEWS = 64;

/** The views that the page has open. */
export class ViewList {
  readonly #views = new Map<ViewId, OpenView>();
  #nextId = 0;

  /** @throws CallError `limit` */
  create(session: ImageSession, options: { filter: string; sort: Sort; showStubs: boolean }): ViewState {
    if (this.#views.size >= MAX_VIEWS) {
      throw new CallError('limit', `At most ${MAX_VIEWS} views can be open.`);
    }
    const { id: image, statusOf } = session;
    const tree = new TreeView({ image: session.image, statusOf }, options);
    const view = { id: this.#nextId++, image, count: session.image.table.count, tree };
    this.#views.set(view.id, view);
    return stateOf(view);
  }

  /** @param entry to be one of the table's @throws CallError */
  tree(id: ViewId, entry = 0): TreeView {
    return this.#view(id, entry).tree;
  }

  /** @throws CallError */
  state(id: ViewId): ViewState {
    return stateOf(this.#view(id));
  }

  /** Changes a view, and gives its state thereafter. @param entry as for `tree` @throws CallError */
  change(id: ViewId, change: (tree: TreeView) => void, entry = 0): ViewState {
    const view = this.#view(id, entry);
    change(view.tree);
    return stateOf(view);
  }

  close(id: ViewId): void {
    this.#views.delete(id);
  }

  closeImage(image: ImageId): void {
    for (const view of this.#views.values()) if (view.image === image) this.#views.delete(view.id);
  }

  closeAll(): void {
    this.#views.clear();
  }

  /** Looks again at statuses. @returns the state of each view of the image that has other rows now */
  refresh(image: ImageId): readonly ViewState[] {
    return [...this.#views.values()].filter((view) => view.image === image && view.tree.refresh()).map(stateOf);
  }

  #view(id: ViewId, entry = 0): OpenView {
    const view = this.#views.get(id);
    if (view === undefined) throw new CallError('invalid-request', `There is no view ${id}.`);
    if (entry >= view.count) throw new CallError('invalid-request', `View ${id} has no entry ${entry}.`);
    return view;
  }
}

const stateOf = ({ id, image, tree }: OpenView): ViewState => ({ view: id, image, ...tree.state });
