import type { ImageId, Sort, ViewId, ViewState } from '../../shared/contract/values.ts';
import { CallError } from '../../shared/contract/wire-error.ts';
import { TreeView } from '../../shared/tree/view.ts';
import type { ImageSession } from './image-session.ts';
import { RevealedView, type Rows } from './stacks/revealed-view.ts';
import { StackSession } from './stacks/stack-session.ts';

interface OpenView {
  readonly id: ViewId;
  readonly session: ImageSession;
  readonly tree: Rows;
  /** Whether its rows have what a stack hides. */
  readonly showsHidden: boolean;
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
    const tree = new TreeView({ image: session.image, statusOf: session.statusOf }, options);
    const view = { id: this.#nextId++, session, tree, showsHidden: false };
    this.#views.set(view.id, view);
    return stateOf(view);
  }

  /** Shows or leaves out what a stack hides; filter, order and open directories stay. @throws CallError, ImageError */
  setHidden(id: ViewId, hidden: boolean): ViewState {
    const view = this.#view(id);
    const { session, tree: before, showsHidden } = view;
    if (hidden === showsHidden || !(session instanceof StackSession)) return stateOf(view);
    const { filter, sort } = before.state;
    const tree = hidden
      ? new RevealedView(session.revealed, session, { filter: '', sort })
      : new TreeView({ image: session.image, statusOf: session.statusOf }, { filter: '', sort });
    for (let entry = 0; entry < session.image.table.count; entry += 1) {
      tree.setExpanded(entry, before.isOpen(entry), false);
    }
    tree.setFilter(filter);
    const changed = { ...view, tree, showsHidden: hidden };
    this.#views.set(id, changed);
    return stateOf(changed);
  }

  /** @param entry to be one of the table's @throws CallError */
  tree(id: ViewId, entry = 0): Rows {
    return this.#view(id, entry).tree;
  }

  /** How many entries show: what is hidden has numbers behind them. @throws CallError */
  shownEntries(id: ViewId): number {
    return this.#view(id).session.image.table.count;
  }

  /** @throws CallError */
  state(id: ViewId): ViewState {
    return stateOf(this.#view(id));
  }

  /** Changes a view, and gives its state thereafter. @param entry as for `tree` @throws CallError */
  change(id: ViewId, change: (tree: Rows) => void, entry = 0): ViewState {
    const view = this.#view(id, entry);
    change(view.tree);
    return stateOf(view);
  }

  close(id: ViewId): void {
    this.#views.delete(id);
  }

  closeImage(image: ImageId): void {
    for (const view of this.#views.values()) if (view.session.id === image) this.#views.delete(view.id);
  }

  closeAll(): void {
    this.#views.clear();
  }

  /** Looks again at statuses. @returns the state of each view of the image that has other rows now */
  refresh(image: ImageId): readonly ViewState[] {
    return [...this.#views.values()].filter((view) => view.session.id === image && view.tree.refresh()).map(stateOf);
  }

  #view(id: ViewId, entry = 0): OpenView {
    const view = this.#views.get(id);
    if (view === undefined) throw new CallError('invalid-request', `There is no view ${id}.`);
    if (entry >= view.session.entries) throw new CallError('invalid-request', `View ${id} has no entry ${entry}.`);
    return view;
  }
}

const stateOf = ({ id, session, tree, showsHidden }: OpenView): ViewState => ({
  view: id,
  image: session.id,
  ...tree.state,
  showsHidden,
});
