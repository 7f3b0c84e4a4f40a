import type { EntryRow, Sort, ViewState } from '../../../shared/contract/values.ts';
import type { RevealedStack } from '../../../shared/tree/merge/revealed-stack.ts';
import { TreeView, type ViewOptions } from '../../../shared/tree/view.ts';
import type { ImageSession } from '../image-session.ts';

/** What a view of an image's tree can do, whichever rows it has. */
export type Rows = Pick<
  TreeView,
  | 'rows'
  | 'setExpanded'
  | 'setFilter'
  | 'setSort'
  | 'refresh'
  | 'reveal'
  | 'rowOf'
  | 'expandSiblings'
  | 'typeAhead'
  | 'nextProblem'
  | 'state'
  | 'isOpen'
>;

type Found = { readonly row: number; readonly entry: number } | undefined;

/** The tree of a stack with what it hides. Its entries go by their numbers: rows of the table do not leave this room. */
export class RevealedView implements Rows {
  readonly #image: RevealedStack;
  readonly #tree: TreeView;

  /** @param session whose statuses those of the entries that show are */
  constructor(image: RevealedStack, session: ImageSession, options: ViewOptions) {
    this.#image = image;
    const statusOf: ImageSession['statusOf'] = (row) => {
      const number = image.numbers[row] ?? 0;
      const place = session.place(number);
      return place.session.statusOf(place.entry);
    };
    this.#tree = new TreeView({ image, statusOf }, options);
  }

  get state(): Omit<ViewState, 'view' | 'image' | 'showsHidden'> {
    return this.#tree.state;
  }

  rows(from: number, to: number): EntryRow[] {
    return this.#tree.rows(from, to).map((row) => Object.assign(row, { entry: this.#number(row.entry) }));
  }

  isOpen(entry: number): boolean {
    return this.#tree.isOpen(this.#image.rowOf(entry));
  }

  setExpanded(entry: number, expanded: boolean, recursive: boolean): void {
    this.#tree.setExpanded(this.#image.rowOf(entry), expanded, recursive);
  }

  setFilter(text: string): ReturnType<TreeView['setFilter']> {
    return this.#tree.setFilter(text);
  }

  setSort(sort: Sort): void {
    this.#tree.setSort(sort);
  }

  refresh(): boolean {
    return this.#tree.refresh();
  }

  reveal(entry: number): number | undefined {
    return this.#tree.reveal(this.#image.rowOf(entry));
  }

  rowOf(entry: number): number | undefined {
    return this.#tree.rowOf(this.#image.rowOf(entry));
  }

  expandSiblings(entry: number): void {
    this.#tree.expandSiblings(this.#image.rowOf(entry));
  }

  typeAhead(from: number, prefix: string): Found {
    return this.#found(this.#tree.typeAhead(from, prefix));
  }

  nextProblem(entry: number, direction: 'next' | 'previous'): Found {
    return this.#found(this.#tree.nextProblem(this.#image.rowOf(entry), direction));
  }

  #found(found: Found): Found {
    return found && { row: found.row, entry: this.#number(found.entry) };
  }

  #number(row: number): number {
    return this.#image.numbers[row] ?? 0;
  }
}
