import { ImageError } from '../../erofs/image-error.ts';
import { Bitset } from '../bitset.ts';
import { isDirectory, nameBytes, type Table } from '../table.ts';
import { compareBytes } from '../text.ts';
import { Growing } from './growing.ts';
import type { Merged, Part, PartList } from './merge-layers.ts';
import { StackImage, type BelowPart } from './stack-image.ts';

/** Rows with what does not show; each layer's entries at most once, were it not for redirects. */
const MAX_ENTRIES = 30_000_000;

const SHOWS = -1;

/**
 * A stack with what it hides: whiteouts, and what lies below them and below what took its place, each behind the entry
 * that it is hidden by. Nothing looks into it but who asks for what a mount does not show.
 *
 * Its entries have numbers besides their rows: those that show have that of the stack, the others follow behind them. So
 * does an entry keep its number whether the hidden ones are looked at or not.
 */
export class RevealedStack extends StackImage {
  /** Number of each row's entry. */
  readonly numbers: Uint32Array;
  /** Row of each number's entry. */
  readonly #rows: Uint32Array;
  /** By row: row of what hides it, a whiteout's own row where nothing hides that; `SHOWS`. */
  readonly #hider: Int32Array;
  readonly #shown: number;

  /** @throws ImageError `limit` */
  constructor(stack: StackImage) {
    const { merged, numbers, hider } = new Revealing(stack).run();
    super(stack.layers, { family: stack.family, labels: stack.layerLabels }, merged);
    this.numbers = numbers;
    this.#hider = hider;
    this.#shown = stack.table.count;
    this.#rows = new Uint32Array(numbers.length);
    for (const [row, number] of numbers.entries()) this.#rows[number] = row;
  }

  /** The row of an entry by its number. */
  rowOf(number: number): number {
    return this.#rows[number] ?? 0;
  }

  /** The number of the hidden entry that is a layer's; undefined: it shows, or there is none. */
  find({ layer, row }: Part): number | undefined {
    for (let number = this.#shown; number < this.#rows.length; number += 1) {
      const part = this.partOf(this.rowOf(number));
      if (part.layer === layer && part.row === row) return number;
    }
    return undefined;
  }

  /** Row of what hides an entry; undefined: it shows, or it is a whiteout that nothing hides. */
  hiderOf(row: number): number | undefined {
    const hider = this.#hider[row] ?? SHOWS;
    return hider === SHOWS || hider === row ? undefined : hider;
  }

  whyHidden(row: number): string | undefined {
    const hider = this.#hider[row] ?? SHOWS;
    if (hider === SHOWS) return undefined;
    if (this.#isWhiteout(row)) return 'whiteout';
    return `${this.#isWhiteout(hider) ? 'removed' : 'replaced'} by layer ${this.layerOf(hider)}`;
  }

  #isWhiteout(row: number): boolean {
    const part = this.partOf(row);
    return this.merged.attributes[part.layer]?.isWhiteout(part.row) === true;
  }
}

/** A directory that shows, whose entries are being put in order. */
interface Frame {
  readonly row: number;
  readonly out: number;
  /** Next of its entries that show. */
  next: number;
  readonly stop: number;
  /** Names in it that do not show: indices into the stack's, in name order. */
  readonly gone: readonly number[];
  atGone: number;
}

const newPartList = (): PartList => ({ layer: new Growing(), row: new Growing(), how: new Growing() });

/** All that is gone from the stack is here. */
const nothingGone = (): Merged['gone'] => ({
  parent: new Growing(1),
  layer: new Growing(1),
  row: new Growing(1),
  from: new Growing(1),
  below: newPartList(),
});

type Writable = { -readonly [K in 'parent' | 'end' | 'layer' | 'row' | 'belowFrom']: Growing };

class Revealing {
  readonly #stack: StackImage;
  readonly #table: Table;
  readonly #rows: Writable = {
    parent: new Growing(),
    end: new Growing(),
    layer: new Growing(),
    row: new Growing(),
    belowFrom: new Growing(),
  };
  readonly #below = newPartList();
  readonly #data = new Map<number, Part>();
  readonly #faults = new Map<number, NonNullable<ReturnType<Merged['faults']['get']>>>();
  /** By row that shows: its number, plus 1; else 0. */
  readonly #numbers = new Growing();
  /** By row: row of what hides it, plus 1; 0: it shows. */
  readonly #hider = new Growing();
  /** By directory: its names that do not show. */
  readonly #gone = new Map<number, number[]>();

  constructor(stack: StackImage) {
    this.#stack = stack;
    this.#table = stack.table;
    for (let index = 0; index < stack.goneCount; index += 1) {
      const parent = stack.merged.gone.parent.at(index);
      const list = this.#gone.get(parent);
      if (list === undefined) this.#gone.set(parent, [index]);
      else list.push(index);
    }
  }

  run(): { readonly merged: Merged; readonly numbers: Uint32Array; readonly hider: Int32Array } {
    const frames: Frame[] = [];
    this.#enter(frames, 0, 0);
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      if (this.#next(frames, frame)) continue;
      frames.pop();
      this.#rows.end.set(frame.out, this.#rows.row.length);
      const above = frames.at(-1);
      if (above !== undefined) this.#hide(above.out, frame.out, this.#stack.partOf(frame.row), frame.row);
    }
    const { isRedirected, attributes } = this.#stack.merged;
    const count = this.#rows.row.length;
    const hidden = new Bitset(count);
    const hider = Int32Array.from(this.#hider.view, (row) => row - 1);
    const numbers = new Uint32Array(count);
    let number = this.#table.count;
    for (let out = 0; out < count; out += 1) {
      const own = this.#numbers.at(out);
      if (own === 0) hidden.add(out);
      numbers[out] = own === 0 ? number++ : own - 1;
    }
    return {
      merged: {
        ...this.#rows,
        below: this.#below,
        data: this.#data,
        faults: this.#faults,
        gone: nothingGone(),
        isRedirected,
        attributes,
        hidden,
      },
      numbers,
      hider,
    };
  }

  /** Adds the next name of a directory. @returns false: there is none */
  #next(frames: Frame[], frame: Frame): boolean {
    const index = frame.gone[frame.atGone];
    const hasShown = frame.next < frame.stop;
    if (index !== undefined && (!hasShown || this.#isBefore(index, frame.next))) {
      frame.atGone += 1;
      const { whiteout, below } = this.#stack.gone(index);
      const out = this.#copy(frame.out, whiteout, undefined);
      this.#hideBelow(frame.out, out, whiteout, below);
      return true;
    }
    if (!hasShown) return false;
    const row = frame.next;
    frame.next = this.#table.end[row] ?? frame.stop;
    if (isDirectory(this.#table, row)) this.#enter(frames, row, frame.out);
    else this.#hide(frame.out, this.#show(row, frame.out), this.#stack.partOf(row), row);
    return true;
  }

  #isBefore(index: number, row: number): boolean {
    const { whiteout } = this.#stack.gone(index);
    return compareBytes(this.#nameOf(whiteout), nameBytes(this.#table, row)) < 0;
  }

  #nameOf({ layer, row }: Part): Uint8Array {
    const table = this.#stack.layers[layer]?.table;
    return table === undefined ? new Uint8Array(0) : nameBytes(table, row);
  }

  #enter(frames: Frame[], row: number, parent: number): void {
    const out = this.#show(row, parent);
    const stop = this.#table.end[row] ?? row + 1;
    frames.push({ row, out, next: row + 1, stop, gone: this.#gone.get(row) ?? [], atGone: 0 });
  }

  /** Adds an entry that shows. */
  #show(row: number, parent: number): number {
    const { merged } = this.#stack;
    const out = this.#add(parent, this.#stack.partOf(row), row + 1, 0);
    const data = merged.data.get(row);
    if (data !== undefined) this.#data.set(out, data);
    const fault = merged.faults.get(row);
    if (fault !== undefined) this.#faults.set(out, fault);
    const to = row + 1 < merged.belowFrom.length ? merged.belowFrom.at(row + 1) : merged.below.row.length;
    for (let index = merged.belowFrom.at(row); index < to; index += 1) {
      this.#below.layer.push(merged.below.layer.at(index));
      this.#below.row.push(merged.below.row.at(index));
      this.#below.how.push(merged.below.how.at(index));
    }
    return out;
  }

  #add(parent: number, { layer, row }: Part, number: number, hider: number): number {
    const out = this.#rows.row.length;
    if (out >= MAX_ENTRIES) {
      throw new ImageError('limit', `the layers have more than ${MAX_ENTRIES} entries with those that do not show`);
    }
    this.#rows.parent.push(parent);
    this.#rows.end.push(out + 1);
    this.#rows.layer.push(layer);
    this.#rows.row.push(row);
    this.#rows.belowFrom.push(this.#below.row.length);
    this.#numbers.push(number);
    this.#hider.push(hider);
    return out;
  }

  #hide(parent: number, out: number, top: Part, row: number): void {
    this.#hideBelow(parent, out, top, this.#stack.below(row));
  }

  /** Adds what an entry, or a whiteout, hides: each is hidden by the nearest one above it that it cannot merge with. */
  #hideBelow(parent: number, topOut: number, top: Part, below: readonly BelowPart[]): void {
    let hider = topOut;
    let before = top;
    let beforeOut = topOut;
    for (const part of below) {
      const merges = part.how !== 'hidden' || (before !== top && this.#isFolder(before) && this.#isFolder(part));
      if (!merges) hider = beforeOut;
      before = part;
      beforeOut = part.how === 'hidden' ? this.#copy(parent, part, hider) : topOut;
    }
  }

  #isFolder({ layer, row }: Part): boolean {
    const table = this.#stack.layers[layer]?.table;
    return table !== undefined && isDirectory(table, row);
  }

  /** Adds an entry of a layer with all that is in it. @param hider undefined: itself */
  #copy(parent: number, { layer, row }: Part, hider: number | undefined): number {
    const table = this.#stack.layers[layer]?.table;
    const out = this.#rows.row.length;
    const by = (hider ?? out) + 1;
    const shift = out - row;
    const stop = table?.end[row] ?? row + 1;
    for (let at = row; at < stop; at += 1) {
      this.#add(at === row ? parent : (table?.parent[at] ?? 0) + shift, { layer, row: at }, 0, by);
      this.#rows.end.set(at + shift, (table?.end[at] ?? at + 1) + shift);
    }
    return out;
  }
}
