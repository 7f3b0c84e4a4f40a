import { ImageError } from '../../erofs/image-error.ts';
import type { Bitset } from '../bitset.ts';
import type { Image } from '../image.ts';
import { findChild } from '../path.ts';
import { children, Flag, isDirectory, nameBytes, S_IFMT, S_IFREG } from '../table.ts';
import { Growing } from './growing.ts';
import { LayerAttributes, type XattrFamily } from './overlay-attributes.ts';

/** An entry of one layer. */
export interface Part {
  /** Index of the layer, 0 the lowest. */
  readonly layer: number;
  /** Row in its table. */
  readonly row: number;
}

/** What becomes of an entry that lies below another, or below a whiteout. */
export const Below = {
  /** A directory whose entries show among those of the one above. */
  merged: 0,
  /** It does not show. */
  hidden: 1,
  /** The bytes of the file above are its. */
  data: 2,
} as const;

export interface MergeOptions {
  readonly family?: XattrFamily;
  /** Rows of the result; directories that are redirected again and again could make it grow without end. */
  readonly maxEntries?: number | undefined;
}

const MAX_ENTRIES = 30_000_000;

/** Why an entry cannot be looked up, as the kernel answers it. */
interface Fault {
  readonly errno: 'EIO' | 'EINVAL' | 'EPERM';
  readonly message: string;
}

/** What a name is in the result. */
type Found =
  | { readonly kind: 'directory'; readonly parts: readonly Part[] }
  | { readonly kind: 'other'; readonly part: Part; readonly data: Part | undefined }
  | { readonly kind: 'fault'; readonly part: Part; readonly fault: Fault }
  | { readonly kind: 'nothing'; readonly whiteout: Part | undefined };

/** Names that do not show, each with the whiteout that says so and what lies below it. */
export interface Gone {
  /** Row of the directory in the result. */
  readonly parent: Growing;
  readonly layer: Growing;
  readonly row: Growing;
  /** Index of its first item in `Merged.below`; it ends where the next one's begin. */
  readonly from: Growing;
  readonly below: PartList;
}

export interface PartList {
  readonly layer: Growing;
  readonly row: Growing;
  /** Of `Below`. */
  readonly how: Growing;
}

/** The merged tree as indices into the layers' tables, rows in the order of `Table`. */
export interface Merged {
  readonly parent: Growing;
  readonly end: Growing;
  /** Where each row is from. */
  readonly layer: Growing;
  readonly row: Growing;
  /** Where the bytes of a file are from, whose own layer has none of them. */
  readonly data: ReadonlyMap<number, Part>;
  readonly faults: ReadonlyMap<number, Fault>;
  /** By row: index of its first item in `below`; it ends where the next row's begin. */
  readonly belowFrom: Growing;
  readonly below: PartList;
  readonly gone: Gone;
  /** Whether a redirect led anywhere: then one entry of a layer can have several places in the result. */
  readonly isRedirected: boolean;
  readonly attributes: readonly LayerAttributes[];
  /** Rows that a mount does not show, where they are there at all. */
  readonly hidden?: Bitset;
}

/**
 * Merges layers as the kernel's overlayfs does when it mounts them read-only with `redirect_dir=on,metacopy=on`
 * (Linux fs/overlayfs/namei.c, ovl_lookup, ovl_lookup_layer, ovl_lookup_single).
 *
 * A whiteout in a directory that only one layer has is listed by the kernel, and cannot be looked up; here it is gone.
 *
 * @param layers the lowest first, at least one
 * @throws ImageError `limit`
 */
export function mergeLayers(layers: readonly Image[], options: MergeOptions = {}): Merged {
  return new Merge(layers, options).run();
}

/** A directory whose entries are being merged. */
interface Frame {
  /** In the result. */
  readonly row: number;
  /** Directories that it is made of, the uppermost first. */
  readonly parts: readonly Part[];
  /** Rows of their entries, by name. */
  readonly lists: readonly (readonly number[])[];
  readonly at: number[];
}

const SLASH = 0x2f;

class Merge {
  readonly #layers: readonly Image[];
  readonly #attributes: readonly LayerAttributes[];
  readonly #maxEntries: number;
  /** Mounts with `userxattr` follow neither redirects nor metacopy: whoever may write a layer would reach what it must not. */
  readonly #follows: boolean;
  readonly #parent = new Growing();
  readonly #end = new Growing();
  readonly #layer = new Growing();
  readonly #row = new Growing();
  readonly #belowFrom = new Growing();
  readonly #below: PartList = newPartList();
  readonly #gone: Gone = {
    parent: new Growing(),
    layer: new Growing(),
    row: new Growing(),
    from: new Growing(),
    below: newPartList(),
  };
  readonly #data = new Map<number, Part>();
  readonly #faults = new Map<number, Fault>();
  #isRedirected = false;

  constructor(layers: readonly Image[], { family = 'trusted', maxEntries = MAX_ENTRIES }: MergeOptions) {
    this.#layers = layers;
    this.#attributes = layers.map((image) => new LayerAttributes(image, family));
    this.#maxEntries = maxEntries;
    this.#follows = family === 'trusted';
  }

  run(): Merged {
    const roots = this.#roots();
    const frames: Frame[] = [];
    this.#enter(frames, 0, roots, roots);
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      if (!this.#next(frames, frame)) {
        this.#end.set(frame.row, this.#row.length);
        frames.pop();
      }
    }
    return {
      parent: this.#parent,
      end: this.#end,
      layer: this.#layer,
      row: this.#row,
      data: this.#data,
      faults: this.#faults,
      belowFrom: this.#belowFrom,
      below: this.#below,
      gone: this.#gone,
      isRedirected: this.#isRedirected,
      attributes: this.#attributes,
    };
  }

  /** The roots of all layers, the uppermost first: whether they are opaque, the kernel does not ask. */
  #roots(): readonly Part[] {
    return this.#layers.map((_, layer) => ({ layer, row: 0 })).toReversed();
  }

  #emit(parent: number, { layer, row }: Part): number {
    const out = this.#row.length;
    if (out >= this.#maxEntries) {
      throw new ImageError(
        'limit',
        `the merged tree has more than ${this.#maxEntries} entries, which is the limit (--max-entries raises it)`,
      );
    }
    this.#parent.push(parent);
    this.#end.push(out + 1);
    this.#layer.push(layer);
    this.#row.push(row);
    this.#belowFrom.push(this.#below.row.length);
    return out;
  }

  /** Adds a directory, and what is in it where that is one layer's alone. @param place what has its name there */
  #enter(frames: Frame[], parent: number, parts: readonly Part[], place: readonly Part[]): void {
    const [top] = parts;
    if (top === undefined) return;
    // a directory that its layer does not have itself is as the layers below have it
    const shown = parts.find((part) => this.#layers[part.layer]?.madeRows?.has(part.row) !== true) ?? top;
    const row = this.#emit(parent, shown);
    for (const part of parts) if (part !== shown) put(this.#below, part, Below.merged);
    for (const part of place) if (!parts.some((one) => isSame(one, part))) put(this.#below, part, Below.hidden);
    const table = this.#layers[top.layer]?.table;
    if (table === undefined) return;
    const stop = table.end[top.row] ?? 0;
    if (parts.length === 1 && !this.#attributes[top.layer]?.hasAny(top.row + 1, stop)) {
      this.#copy(row, top, stop);
      return;
    }
    const lists = parts.map((part) => this.#entries(part));
    frames.push({ row, parts, lists, at: lists.map(() => 0) });
  }

  /** Adds all below a directory as it is. */
  #copy(row: number, { layer, row: from }: Part, stop: number): void {
    const table = this.#layers[layer]?.table;
    if (table === undefined) return;
    const shift = row - from;
    for (let at = from + 1; at < stop; at += 1) {
      this.#emit((table.parent[at] ?? 0) + shift, { layer, row: at });
      this.#end.set(at + shift, (table.end[at] ?? 0) + shift);
    }
    this.#end.set(row, stop + shift);
  }

  /** A directory's entries in name order, each name once; stubs are none. */
  #entries({ layer, row }: Part): readonly number[] {
    const table = this.#layers[layer]?.table;
    if (table === undefined) return [];
    const rows: number[] = [];
    let isSorted = true;
    const part = { layer, row };
    const compare = (a: number, b: number): number => this.#compareNames(part, a, part, b);
    for (const entry of children(table, row)) {
      if (((table.flags[entry] ?? 0) & Flag.stub) !== 0) continue;
      isSorted &&= rows.length === 0 || compare(rows.at(-1) ?? 0, entry) < 0;
      rows.push(entry);
    }
    if (isSorted) return rows;
    // as only a broken image has them; of equal names the first counts
    rows.sort((a, b) => compare(a, b) || a - b);
    return rows.filter((entry, index) => index === 0 || compare(rows[index - 1] ?? 0, entry) !== 0);
  }

  /** Takes the next name of a directory. @returns false: there is none */
  #next(frames: Frame[], { row, parts, lists, at }: Frame): boolean {
    /** Index of the uppermost part that has the next name. */
    let least = -1;
    let leastRow = 0;
    let isSpecial = false;
    let others = 0;
    for (let index = 0; index < parts.length; index += 1) {
      const entry = lists[index]?.[at[index] ?? 0];
      if (entry === undefined) continue;
      const order = least < 0 ? -1 : this.#compareNames(parts[index], entry, parts[least], leastRow);
      if (order > 0) continue;
      const special = this.#attributes[parts[index]?.layer ?? 0]?.isSpecial(entry) === true;
      if (order < 0) {
        least = index;
        leastRow = entry;
        isSpecial = special;
        others = 0;
      } else {
        isSpecial ||= special;
        others += 1;
      }
    }
    const top = parts[least];
    if (top === undefined) return false;
    if (others === 0 && !isSpecial) {
      at[least] = (at[least] ?? 0) + 1;
      const part = { layer: top.layer, row: leastRow };
      if (isDirectory(this.#tableOf(part), leastRow)) this.#enter(frames, row, [part], [part]);
      else this.#emit(row, part);
      return true;
    }
    /** By part of the directory. */
    const candidates: (number | undefined)[] = [];
    const place: Part[] = [];
    for (let index = 0; index < parts.length; index += 1) {
      const entry = lists[index]?.[at[index] ?? 0];
      const has =
        entry !== undefined &&
        (index === least || this.#compareNames(parts[index], entry, parts[least], leastRow) === 0);
      candidates.push(has ? entry : undefined);
      if (!has) continue;
      at[index] = (at[index] ?? 0) + 1;
      place.push({ layer: parts[index]?.layer ?? 0, row: entry });
    }
    if (!isSpecial) {
      this.#put(frames, row, place, this.#simple(place));
      return true;
    }
    const lookup = new Lookup(this.#layers, this.#attributes, this.#follows);
    this.#put(frames, row, place, lookup.run(parts, candidates, nameBytes(this.#tableOf(top), leastRow)));
    this.#isRedirected ||= lookup.isRedirected;
    return true;
  }

  /** What entries of one name are that are what they look like: directories down to the first that is none, or a file. */
  #simple(place: readonly Part[]): Found {
    const below = place.findIndex((part) => !isDirectory(this.#tableOf(part), part.row));
    const [top] = place;
    if (below === 0 && top !== undefined) return { kind: 'other', part: top, data: undefined };
    return { kind: 'directory', parts: below < 0 ? place : place.slice(0, below) };
  }

  #tableOf({ layer }: Part): Image['table'] {
    return tableOf(this.#layers, layer);
  }

  /** The order of two names. Nothing is allocated: of a million entries each is compared. */
  #compareNames(partA: Part | undefined, a: number, partB: Part | undefined, b: number): number {
    const tableA = tableOf(this.#layers, partA?.layer ?? 0);
    const tableB = tableOf(this.#layers, partB?.layer ?? 0);
    const [bytesA, bytesB] = [tableA.bytes, tableB.bytes];
    const atA = tableA.nameOffset[a] ?? 0;
    const atB = tableB.nameOffset[b] ?? 0;
    const lengthA = tableA.nameLength[a] ?? 0;
    const lengthB = tableB.nameLength[b] ?? 0;
    const shorter = Math.min(lengthA, lengthB);
    for (let index = 0; index < shorter; index += 1) {
      const difference = (bytesA[atA + index] ?? 0) - (bytesB[atB + index] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }

  #put(frames: Frame[], parent: number, place: readonly Part[], found: Found): void {
    if (found.kind === 'directory') {
      this.#enter(frames, parent, found.parts, place);
      return;
    }
    if (found.kind === 'nothing') {
      const whiteout = found.whiteout ?? place[0];
      if (whiteout === undefined) return;
      this.#gone.parent.push(parent);
      this.#gone.layer.push(whiteout.layer);
      this.#gone.row.push(whiteout.row);
      this.#gone.from.push(this.#gone.below.row.length);
      for (const part of place) if (!isSame(part, whiteout)) put(this.#gone.below, part, Below.hidden);
      return;
    }
    const row = this.#emit(parent, found.part);
    const data = found.kind === 'other' ? found.data : undefined;
    if (data !== undefined) {
      this.#data.set(row, data);
      put(this.#below, data, Below.data);
    }
    if (found.kind === 'fault') this.#faults.set(row, found.fault);
    for (const part of place) {
      if (!isSame(part, found.part) && (data === undefined || !isSame(part, data)))
        put(this.#below, part, Below.hidden);
    }
  }
}

function tableOf(layers: readonly Image[], layer: number): Image['table'] {
  const image = layers[layer];
  if (image === undefined) throw new RangeError(`there is no layer ${layer}`);
  return image.table;
}

const isSame = (a: Part, b: Part): boolean => a.layer === b.layer && a.row === b.row;

const newPartList = (): PartList => ({ layer: new Growing(), row: new Growing(), how: new Growing() });

function put(list: PartList, { layer, row }: Part, how: number): void {
  list.layer.push(layer);
  list.row.push(row);
  list.how.push(how);
}

/** One name looked up through the layers, with the words of the kernel: `struct ovl_lookup_data`. */
class Lookup {
  readonly #layers: readonly Image[];
  readonly #attributes: readonly LayerAttributes[];
  readonly #follows: boolean;
  #isDirectory = false;
  /** Nothing lies below the layer that is looked into. */
  #isLast = false;
  #stop = false;
  #metacopy = false;
  /** What to look for below, where it is not the name itself. */
  #redirect: Uint8Array | undefined;
  #name: Uint8Array = new Uint8Array(0);
  #whiteout: Part | undefined;
  #fault: Fault | undefined;

  constructor(layers: readonly Image[], attributes: readonly LayerAttributes[], follows: boolean) {
    this.#layers = layers;
    this.#attributes = attributes;
    this.#follows = follows;
  }

  get isRedirected(): boolean {
    return this.#redirect !== undefined;
  }

  /** @param stack parts of the directory @param candidates rows of the name in each of them */
  run(stack: readonly Part[], candidates: readonly (number | undefined)[], name: Uint8Array): Found {
    this.#name = name;
    const parts: Part[] = [];
    let data: Part | undefined;
    let places = stack;
    let isFromRoot = false;
    for (let index = 0; index < places.length && !this.#stop; index += 1) {
      const base = places[index];
      if (base === undefined) break;
      this.#isLast = this.#follows ? base.layer === 0 : index === places.length - 1;
      const row =
        this.#redirect === undefined ? this.#single(base, candidates[index], 0, name.length) : this.#walk(base);
      if (!this.#follows && this.#fault === undefined) this.#refuse();
      if (this.#fault !== undefined) {
        const part = parts[0] ?? (row === undefined ? undefined : { layer: base.layer, row });
        if (part !== undefined) return { kind: 'fault', part, fault: this.#fault };
      }
      if (row === undefined) continue;
      const part = { layer: base.layer, row };
      if (parts.length > 0 && !isDirectory(this.#tableOf(part), row)) data = part;
      if (!this.#metacopy || parts.length === 0) parts.push(part);
      if (this.#stop) break;
      if (this.#redirect?.[0] === SLASH && !isFromRoot) {
        isFromRoot = true;
        places = this.#layers.map((_, layer) => ({ layer, row: 0 })).toReversed();
        index = places.findIndex(({ layer }) => layer === base.layer);
      }
    }
    const [top] = parts;
    if (top === undefined) return { kind: 'nothing', whiteout: this.#whiteout };
    const table = this.#tableOf(top);
    if (isDirectory(table, top.row)) return { kind: 'directory', parts };
    // objects are in data-only layers, which come behind all others
    if (parts.length === 1 && this.#metacopy && (table.redirectOffset[top.row] ?? 0) !== 0)
      return { kind: 'other', part: top, data: undefined };
    if (this.#metacopy || (data !== undefined && !isRegular(this.#tableOf(data), data.row))) {
      const message =
        'overlay.metacopy, and no layer below has its data: open and stat fail with EIO (input/output error)';
      return { kind: 'fault', part: top, fault: { errno: 'EIO', message } };
    }
    return { kind: 'other', part: top, data };
  }

  #tableOf({ layer }: Part): Image['table'] {
    return tableOf(this.#layers, layer);
  }

  #refuse(): void {
    const what = this.#metacopy ? 'overlay.metacopy' : this.#redirect === undefined ? undefined : 'overlay.redirect';
    if (what === undefined) return;
    const message = `${what} is not followed by a mount with userxattr: the kernel answers EPERM (operation not permitted)`;
    this.#fault = { errno: 'EPERM', message };
  }

  /** What a redirect leads to in one layer: a sibling by name, or a path from the layer's root. */
  #walk(base: Part): number | undefined {
    const table = this.#tableOf(base);
    if (this.#name[0] !== SLASH) {
      return this.#single(base, findChild(table, base.row, this.#name), 0, this.#name.length);
    }
    let row = base.row;
    // from the end, since what is in front can change on the way
    let rest = this.#name.length - 1;
    for (;;) {
      const from = this.#name.length - rest;
      const slash = this.#name.indexOf(SLASH, from);
      const to = slash < 0 ? this.#name.length : slash;
      const length = to - from;
      if (!isDirectory(table, row)) return undefined;
      const element = this.#name.subarray(from, to);
      const child = isDot(element) ? row : findChild(table, row, element);
      const behind = this.#name.length - to;
      const next = this.#single({ layer: base.layer, row }, child, from, to);
      if (next === undefined || this.#fault !== undefined) return next;
      row = next;
      if (behind === 0) return row;
      rest -= length + 1;
    }
  }

  /**
   * Takes in what one layer has under a name, or under one name of a path.
   *
   * @param from where the name begins in `#name`, and where it ends
   */
  #single(base: Part, row: number | undefined, from: number, to: number): number | undefined {
    if (row === undefined) return undefined;
    const { layer } = base;
    const table = this.#tableOf(base);
    const attributes = this.#attributes[layer];
    if (attributes === undefined) return undefined;
    const isLastElement = to === this.#name.length;
    if (attributes.isWhiteout(row)) {
      this.#stop = true;
      this.#whiteout ??= { layer, row };
      return undefined;
    }
    const { opaque, redirect, metacopy } = attributes.of(row);
    if (!isDirectory(table, row)) {
      if (this.#isDirectory || !isLastElement) {
        this.#stop = true;
        return undefined;
      }
      if (metacopy === 'malformed') {
        this.#fault = {
          errno: 'EIO',
          message: 'overlay.metacopy is malformed: the kernel answers EIO (input/output error)',
        };
        return row;
      }
      this.#metacopy = metacopy === 'right';
      this.#stop = !this.#metacopy;
      if (!this.#metacopy || this.#isLast) return row;
    } else {
      if (isLastElement && this.#metacopy) {
        this.#stop = true; // a directory has no data
        return undefined;
      }
      if (isLastElement) this.#isDirectory = true;
      if (this.#isLast) return row;
      if (opaque === 'y') {
        this.#stop = true;
        return row;
      }
    }
    if (redirect !== undefined) this.#follow(redirect, from, to);
    return row;
  }

  /** ovl_check_redirect: what is looked for in the layers below. */
  #follow(redirect: Uint8Array, from: number, to: number): void {
    const isAbsolute = redirect[0] === SLASH;
    if (!isRedirect(redirect)) {
      this.#fault = {
        errno: 'EINVAL',
        message: 'overlay.redirect is malformed: the kernel answers EINVAL (invalid argument)',
      };
      return;
    }
    if (isAbsolute) this.#stop = false; // an ancestor may have been opaque; this leads out of it
    const before = isAbsolute ? new Uint8Array(0) : this.#name.subarray(0, from);
    const behind = this.#name.subarray(to);
    const name = new Uint8Array(before.length + redirect.length + behind.length);
    name.set(before);
    name.set(redirect, before.length);
    name.set(behind, before.length + redirect.length);
    this.#redirect = name;
    this.#name = name;
  }
}

const isRegular = ({ mode }: Image['table'], row: number): boolean => ((mode[row] ?? 0) & S_IFMT) === S_IFREG;

const isDot = (name: Uint8Array): boolean => name.length === 1 && name[0] === 0x2e;

/** Absolute without empty names, or one name. @see overlay-metacopy.md, section 2 */
function isRedirect(redirect: Uint8Array): boolean {
  if (redirect.length === 0) return false;
  if (redirect[0] !== SLASH) return !redirect.includes(SLASH);
  for (let at = 0; at < redirect.length; at += 1) {
    if (redirect[at] === SLASH && (at + 1 === redirect.length || redirect[at + 1] === SLASH)) return false;
  }
  return true;
}
