import { badStatuses } from '../contract/status.ts';
import type { EntryRow, FilterFault, Sort, ViewState } from '../contract/values.ts';
import { Bitset } from './bitset.ts';
import { filterEntries, type TreeContext } from './filter/filter.ts';
import { entryRow } from './row.ts';
import { orderSiblings, type SiblingOrder } from './sibling-order.ts';
import { children, Flag, isDirectory, type Table } from './table.ts';
import { bytesOfText } from './text.ts';
import { emptyLayout, layOut, type Layout } from './view-layout.ts';

export interface ViewOptions {
  readonly filter?: string;
  readonly sort?: Sort;
  /** Show the 256 stubs of the root (image-format.md, section 9). */
  readonly showStubs?: boolean;
}

/** What a filter left of a table. */
interface Filtered {
  readonly matches: Bitset;
  /** The matches, and what they lie in. */
  readonly kept: Bitset;
  readonly usesStatus: boolean;
}

/**
 * The rows of an image's tree as one looks at it: which directories are open, what a filter leaves, in which order.
 *
 * A filtered view holds the matches and their ancestors, all opened; what one opens or closes then is forgotten with the
 * next filter, and the directories open before are so again when it is cleared. While the text of a filter is wrong, the
 * rows stay those of the last right one.
 *
 * All rows are laid out at once, when first asked for after a change (about 15 ms for 1,000,000): 4 bytes an entry for
 * the rows, 8 for their positions among their siblings, 16 for an order other than by name.
 */
export class TreeView {
  readonly #context: TreeContext;
  readonly #table: Table;
  readonly #shown: Bitset;
  readonly #expanded: Bitset;
  #expandedInFilter: Bitset | undefined;
  #filter = '';
  /** The last text without a fault: what the rows are filtered by. */
  #applied = '';
  #fault: FilterFault | undefined;
  #filtered: Filtered | undefined;
  #sort: Sort = { column: 'name', descending: false };
  #order: SiblingOrder | undefined;
  /** Its rows are those of now only while `#isLaidOut`. */
  readonly #layout: Layout;
  #isLaidOut = false;

  constructor(context: TreeContext, { filter = '', sort, showStubs = false }: ViewOptions = {}) {
    this.#context = context;
    this.#table = context.image.table;
    this.#shown = showStubs ? Bitset.full(this.#table.count) : withoutStubs(this.#table);
    this.#expanded = new Bitset(this.#table.count);
    this.#expanded.add(0);
    this.#layout = emptyLayout(this.#table.count);
    if (sort !== undefined) this.setSort(sort);
    this.setFilter(filter);
  }

  /** Number of rows. */
  get total(): number {
    return this.#laidOut.total;
  }

  /** Number of entries that match by themselves; without a filter, of all that could be shown. */
  get matches(): number {
    return (this.#filtered?.matches ?? this.#shown).count();
  }

  /** What the window wants to know of the view. */
  get state(): Omit<ViewState, 'view' | 'image' | 'showsHidden'> {
    return {
      total: this.total,
      matches: this.matches,
      filter: this.#filter,
      fault: this.#fault,
      sort: this.#sort,
    };
  }

  /** The rows that match by themselves, stubs aside unless shown; a view's own, not to be written to. */
  get matching(): Bitset {
    return this.#filtered?.matches ?? this.#shown;
  }

  /** The entry of a row; undefined past the end. */
  rowAt(row: number): number | undefined {
    return row < this.total ? this.#laidOut.rows[row] : undefined;
  }

  /** The rows from `from` up to, without, `to`, as far as there are any. */
  rows(from: number, to: number): EntryRow[] {
    const { rows, positions, siblings, total } = this.#laidOut;
    const { image, statusOf } = this.#context;
    const result: EntryRow[] = [];
    let depth = 0;
    let previous: number | undefined;
    for (let row = from; row < Math.min(to, total); row += 1) {
      const entry = rows[row] ?? 0;
      depth = this.#depth(entry, previous, depth);
      previous = entry;
      const hasChildren = this.#hasChildren(entry);
      const place = {
        depth,
        hasChildren,
        expanded: isDirectory(this.#table, entry) ? hasChildren && this.#isExpanded(entry) : undefined,
        position: positions[row] ?? 1,
        siblings: entry === 0 ? 1 : (siblings[this.#table.parent[entry] ?? 0] ?? 1),
        matches: this.#filtered?.matches.has(entry) ?? true,
      };
      result.push(entryRow(image, entry, statusOf, place));
    }
    return result;
  }

  /** Whether a directory is open where nothing is filtered. */
  isOpen(entry: number): boolean {
    return this.#expanded.has(entry);
  }

  /** Opens or closes a directory; with `recursive`, all below it too. */
  setExpanded(entry: number, expanded: boolean, recursive: boolean): void {
    if (entry >= this.#table.count) return;
    const set = this.#expandedInFilter ?? this.#expanded;
    const stop = recursive ? (this.#table.end[entry] ?? 0) : entry + 1;
    if (expanded) set.addRange(entry, stop);
    else set.deleteRange(entry, stop);
    this.#isLaidOut = false;
  }

  /** Takes a new filter. @returns what is wrong with the text, where something is; the rows are then as before */
  setFilter(text: string): FilterFault | undefined {
    this.#filter = text;
    this.#fault = this.#runFilter(text);
    if (this.#fault === undefined) {
      this.#applied = text;
      this.#expandedInFilter = this.#filtered && Bitset.full(this.#table.count);
    }
    return this.#fault;
  }

  setSort(sort: Sort): void {
    this.#sort = sort;
    this.#order = orderSiblings(this.#context.image, this.#context.statusOf, sort);
    this.#isLaidOut = false;
  }

  /**
   * Looks again at the statuses, as far as filter or order depend on them.
   *
   * @returns whether other rows may be there now, so that `total` and `matches` are worth asking for
   */
  refresh(): boolean {
    const refilter = this.#filtered?.usesStatus === true;
    const reorder = this.#sort.column === 'verity';
    if (refilter) this.#runFilter(this.#applied);
    if (reorder) this.setSort(this.#sort);
    return refilter || reorder;
  }

  /** Opens what the entry lies in. @returns its row; undefined where the filter, or not showing stubs, hides it */
  reveal(entry: number): number | undefined {
    if (entry >= this.#table.count || !this.#visible.has(entry)) return undefined;
    const set = this.#expandedInFilter ?? this.#expanded;
    for (let at = entry; at !== 0;) {
      at = this.#table.parent[at] ?? 0;
      if (set.has(at)) continue;
      set.add(at);
      this.#isLaidOut = false;
    }
    return this.rowOf(entry);
  }

  /** The entry's row as things are; undefined where a closed directory or the filter hides it. */
  rowOf(entry: number): number | undefined {
    const { rows, total } = this.#laidOut;
    const row = rows.subarray(0, total).indexOf(entry);
    return row === -1 ? undefined : row;
  }

  /** Opens all directories that lie in one directory with `entry`. */
  expandSiblings(entry: number): void {
    const set = this.#expandedInFilter ?? this.#expanded;
    for (const sibling of children(this.#table, this.#table.parent[entry] ?? 0)) set.add(sibling);
    this.#isLaidOut = false;
  }

  /** The next row whose name begins with `prefix`, ASCII letters in any case, from row `from` on and round the end. */
  typeAhead(from: number, prefix: string): { readonly row: number; readonly entry: number } | undefined {
    const { rows, total } = this.#laidOut;
    const wanted = bytesOfText(prefix).map(foldByte);
    for (let i = 0; i < total; i += 1) {
      const row = (from + i) % total;
      const entry = rows[row] ?? 0;
      if (this.#nameBegins(entry, wanted)) return { row, entry };
    }
    return undefined;
  }

  /**
   * The next or previous entry, in tree order and round the end, that is broken or has a bad status; revealed. What the
   * filter hides is passed over.
   */
  nextProblem(
    entry: number,
    direction: 'next' | 'previous',
  ): { readonly row: number; readonly entry: number } | undefined {
    const { count, flags } = this.#table;
    const step = direction === 'next' ? 1 : count - 1;
    for (let i = 0, at = entry % count; i < count; i += 1) {
      at = (at + step) % count;
      if (!this.#visible.has(at)) continue;
      const status = this.#context.statusOf(at);
      const isBad = status !== undefined && badStatuses.has(status);
      if (!isBad && ((flags[at] ?? 0) & Flag.broken) === 0) continue;
      const row = this.reveal(at);
      return row === undefined ? undefined : { row, entry: at };
    }
    return undefined;
  }

  get #visible(): Bitset {
    return this.#filtered?.kept ?? this.#shown;
  }

  get #laidOut(): Layout {
    if (!this.#isLaidOut) {
      layOut(this.#layout, this.#table, this.#visible, this.#expandedInFilter ?? this.#expanded, this.#order);
      this.#isLaidOut = true;
    }
    return this.#layout;
  }

  #isExpanded(entry: number): boolean {
    return (this.#expandedInFilter ?? this.#expanded).has(entry);
  }

  #hasChildren(entry: number): boolean {
    return this.#visible.next(entry + 1) < (this.#table.end[entry] ?? 0);
  }

  /** Rows follow each other as in a walk, so that the one before is at hand when the way up to the root is long. */
  #depth(entry: number, previous: number | undefined, depthOfPrevious: number): number {
    const { parent } = this.#table;
    const above = parent[entry] ?? 0;
    if (previous !== undefined) {
      if (above === previous) return depthOfPrevious + 1;
      let depth = depthOfPrevious;
      for (let at = previous; at !== 0; at = parent[at] ?? 0, depth -= 1) if (parent[at] === above) return depth;
    }
    let depth = 0;
    for (let at = entry; at !== 0; at = parent[at] ?? 0) depth += 1;
    return depth;
  }

  #runFilter(text: string): FilterFault | undefined {
    const result = filterEntries(text, this.#context);
    if (result.fault !== undefined) return result.fault;
    this.#filtered = undefined;
    this.#isLaidOut = false;
    if (result.matches === undefined) return undefined;
    const { matches, usesStatus } = result;
    matches.intersect(this.#shown);
    this.#filtered = { matches, kept: withAncestors(this.#table, matches), usesStatus };
    return undefined;
  }

  #nameBegins(entry: number, wanted: Uint8Array): boolean {
    const { bytes, nameLength, nameOffset } = this.#table;
    if ((nameLength[entry] ?? 0) < wanted.length) return false;
    const at = nameOffset[entry] ?? 0;
    for (let i = 0; i < wanted.length; i += 1) if (foldByte(bytes[at + i] ?? 0) !== wanted[i]) return false;
    return true;
  }
}

const foldByte = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

function withoutStubs({ count, flags }: Table): Bitset {
  const shown = new Bitset(count);
  for (let entry = 0; entry < count; entry += 1) if (((flags[entry] ?? 0) & Flag.stub) === 0) shown.add(entry);
  return shown;
}

function withAncestors({ parent }: Table, matches: Bitset): Bitset {
  const kept = matches.clone();
  let last: number | undefined; // matches come in flocks: what one lies in, the next one does
  for (let entry = matches.next(0); entry < matches.size; entry = matches.next(entry + 1)) {
    const above = parent[entry] ?? 0;
    if (above === last) continue;
    last = above;
    for (let at = above; !kept.has(at); at = parent[at] ?? 0) kept.add(at);
  }
  return kept;
}
