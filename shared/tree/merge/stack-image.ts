import { ImageError } from '../../erofs/image-error.ts';
import type { Content, Fact, Field, Image, LayerLabel, Problem, Xattr } from '../image.ts';
import { TableBuilder } from '../table-builder.ts';
import { Flag, isDirectory, S_IFDIR, S_IFMT, type Table } from '../table.ts';
import { visitXattrs } from '../xattr-index.ts';
import { Below, mergeLayers, type Merged, type MergeOptions, type Part } from './merge-layers.ts';
import { hasMark, isMark, ofSource, unescaped } from './composefs-source.ts';
import type { XattrFamily } from './overlay-attributes.ts';

/** Flags of a layer's entry that hold for it in the merged tree too; those of its content come from where its bytes are. */
const KEPT = Flag.broken | Flag.xattrs;
/** Flags that an entry that does not show keeps besides: it is what its layer has, not what a mount makes of it. */
const KEPT_HIDDEN = Flag.whiteout | Flag.escapedWhiteout | Flag.opaque;
const OF_CONTENT = Flag.backed | Flag.inline | Flag.sha512 | Flag.compressed | Flag.noRedirect;

/** What lies below an entry of the merged tree, or below a whiteout. */
export interface BelowPart extends Part {
  readonly how: keyof typeof Below;
}

/** A name that does not show in the merged tree. */
export interface GoneName {
  /** Row of its directory in the merged tree. */
  readonly parent: number;
  /** The whiteout. */
  readonly whiteout: Part;
  /** What it hides, the uppermost first. */
  readonly below: readonly BelowPart[];
}

export interface StackOptions extends MergeOptions {
  /** What people call the layers, the lowest first; without it they are numbered from 1 on. */
  readonly labels?: readonly LayerLabel[] | undefined;
}

const names = Object.keys(Below) as readonly (keyof typeof Below)[];

/**
 * What a kernel shows of layers that it mounts over each other, as an image of its own: what looks into an image looks into
 * it. Which layer an entry is from, and what lies below it, are index arrays over the layers' tables; the attributes of
 * each entry are gathered into a table, since whole columns are what the rest works with. The layers' bytes lie end to
 * end in the table's; offsets into a layer are such plus where its bytes begin.
 */
export class StackImage implements Image {
  readonly kind = 'stack';
  readonly table: Table;
  readonly formatVersion = undefined;
  readonly problems: readonly Problem[];
  readonly problemsOmitted: number;
  readonly facts: readonly Fact[];
  /** The lowest first. */
  readonly layers: readonly Image[];
  readonly merged: Merged;
  readonly layerLabels: readonly LayerLabel[];
  readonly family: XattrFamily;
  readonly #starts: readonly number[];
  readonly #effective: readonly EffectiveNames[];

  /**
   * @param layers the lowest first, at least one
   * @param merged what is known already of how they merge
   * @throws ImageError `limit` where the tree, or all bytes together, are too large
   */
  constructor(layers: readonly Image[], options: StackOptions = {}, merged: Merged = mergeLayers(layers, options)) {
    const { family = 'trusted', labels } = options;
    this.layers = layers;
    this.merged = merged;
    this.family = family;
    this.layerLabels = labels ?? layers.map((_, layer) => ({ number: layer + 1, name: '' }));
    const { bytes, starts } = endToEnd(layers);
    this.#starts = starts;
    this.#effective = layers.map((layer) => new EffectiveNames(layer, family));
    this.table = gather(this.merged, layers, bytes, starts);
    this.problems = this.#problems();
    this.problemsOmitted = layers.reduce((sum, { problemsOmitted }) => sum + problemsOmitted, 0);
    this.facts = [
      { label: 'layers', value: String(layers.length) },
      { label: 'xattrs of overlay', value: `${family}.overlay.*` },
    ];
  }

  /** Where an entry's attributes are from. */
  partOf(entry: number): Part {
    return { layer: this.merged.layer.at(entry), row: this.merged.row.at(entry) };
  }

  /** Number of the layer that an entry's attributes are from. */
  layerOf(entry: number): number {
    return this.layerLabels[this.merged.layer.at(entry)]?.number ?? 0;
  }

  /** Number of the layer that the bytes of a file are from. */
  dataLayerOf(entry: number): number {
    return this.layerLabels[this.dataOf(entry).layer]?.number ?? 0;
  }

  /** Where the bytes of a file are from: another layer where its own has metacopy. */
  dataOf(entry: number): Part {
    return this.merged.data.get(entry) ?? this.partOf(entry);
  }

  /** What lies below an entry, the uppermost first. */
  below(entry: number): readonly BelowPart[] {
    const { below, belowFrom } = this.merged;
    const to = entry + 1 < belowFrom.length ? belowFrom.at(entry + 1) : below.row.length;
    return partsOf(below, belowFrom.at(entry), to);
  }

  /** How many names do not show. */
  get goneCount(): number {
    return this.merged.gone.row.length;
  }

  /** A name that does not show. @param index below `goneCount`, in tree order of the directories' ends */
  gone(index: number): GoneName {
    const { parent, layer, row, from, below } = this.merged.gone;
    const to = index + 1 < from.length ? from.at(index + 1) : below.row.length;
    return {
      parent: parent.at(index),
      whiteout: { layer: layer.at(index), row: row.at(index) },
      below: partsOf(below, from.at(index), to),
    };
  }

  /** As a mount shows them: overlay's own are left out, escaped ones are there under the name that they stand for. */
  xattrs(entry: number): readonly Xattr[] {
    const start = this.#starts[this.partOf(entry).layer] ?? 0;
    return this.rawXattrs(entry).flatMap(({ effective, ...xattr }) =>
      effective === undefined ? [] : [{ ...xattr, name: effective, offset: xattr.offset + start }],
    );
  }

  /** As the layer stores them, at the offsets of its own file, each with the name that a mount shows, if it does. */
  rawXattrs(entry: number): readonly (Xattr & { readonly effective: Uint8Array | undefined })[] {
    const { layer, row } = this.partOf(entry);
    const all = this.layers[layer]?.xattrs(row) ?? [];
    return all.map(({ name, value, storage, offset }) => {
      return { name, value, storage, offset, effective: this.#effective[layer]?.of(name, row) };
    });
  }

  eachXattr(entry: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    const { layer, row } = this.partOf(entry);
    const image = this.layers[layer];
    const start = this.#starts[layer] ?? 0;
    const effective = this.#effective[layer];
    if (image === undefined || effective === undefined) return;
    visitXattrs(image, row, (raw, offset, length) => {
      const name = effective.of(raw, row);
      if (name !== undefined) visit(name, offset + start, length);
    });
  }

  content(entry: number): Content {
    const fault = this.merged.faults.get(entry);
    if (fault !== undefined) return { kind: 'unavailable', why: fault.message };
    const { layer, row } = this.dataOf(entry);
    const content = this.layers[layer]?.content(row) ?? { kind: 'empty' };
    if (content.kind !== 'inline') return content;
    const start = this.#starts[layer] ?? 0;
    const extents = content.extents.map(({ offset, length }) => ({
      offset: offset === undefined ? undefined : offset + start,
      length,
    }));
    return { kind: 'inline', extents };
  }

  mtimeSeconds(entry: number): bigint {
    const { layer, row } = this.partOf(entry);
    return this.layers[layer]?.mtimeSeconds(row) ?? 0n;
  }

  /** What the offsets of an entry's `fields` and `rawXattrs` point into: its layer's own bytes. */
  fieldBytes(entry: number): Uint8Array {
    return this.layers[this.partOf(entry).layer]?.table.bytes ?? new Uint8Array(0);
  }

  /** Of the inode in its layer; offsets are those of the layer's own file. */
  fields(entry: number): readonly Field[] {
    const { layer, row } = this.partOf(entry);
    return this.layers[layer]?.fields(row) ?? [];
  }

  /** Those of entries that show, of the layers as a whole, and of what the kernel cannot look up. */
  #problems(): readonly Problem[] {
    const byRow = this.layers.map(({ problems }) => byEntry(problems));
    const list: Problem[] = byRow.flatMap((problems) => problems.get(undefined) ?? []);
    const { layer, row, faults } = this.merged;
    for (const [entry, bits] of this.table.flags.subarray(0, this.table.count).entries()) {
      if ((bits & Flag.broken) === 0) continue;
      for (const problem of byRow[layer.at(entry)]?.get(row.at(entry)) ?? []) list.push({ ...problem, entry });
      const fault = faults.get(entry);
      if (fault === undefined) continue;
      const { errno, message } = fault;
      list.push({ severity: 'error', code: errno, entry, offset: 0, message });
    }
    return list;
  }
}

function partsOf(list: Merged['below'], from: number, to: number): readonly BelowPart[] {
  const parts: BelowPart[] = [];
  for (let index = from; index < to; index += 1) {
    parts.push({ layer: list.layer.at(index), row: list.row.at(index), how: names[list.how.at(index)] ?? 'hidden' });
  }
  return parts;
}

/** All layers' bytes behind each other, and where each begins; a layer that is there twice is once in them. */
function endToEnd(layers: readonly Image[]): { readonly bytes: Uint8Array; readonly starts: readonly number[] } {
  const places = new Map<Uint8Array, number>();
  let length = 0;
  for (const { table } of layers) {
    if (places.has(table.bytes)) continue;
    places.set(table.bytes, length);
    length += table.bytes.length;
  }
  if (length > 0xffff_ffff) {
    throw new ImageError('limit', `the layers have ${length} bytes together, at most ${0xffff_ffff} can be merged`);
  }
  const starts = layers.map(({ table }) => places.get(table.bytes) ?? 0);
  const [first] = places.keys();
  if (places.size === 1 && first !== undefined) return { bytes: first, starts };
  const bytes = new Uint8Array(length);
  for (const [part, start] of places) bytes.set(part, start);
  return { bytes, starts };
}

function gather(merged: Merged, layers: readonly Image[], bytes: Uint8Array, starts: readonly number[]): Table {
  const count = merged.row.length;
  const rows = new TableBuilder(bytes, count);
  const inodes = new InodeNumbers(layers, merged.isRedirected);
  const parents = merged.parent.view;
  const ends = merged.end.view;
  const ofLayer = merged.layer.view;
  const ofRow = merged.row.view;
  for (let out = 0; out < count; out += 1) {
    const layer = ofLayer[out] ?? 0;
    const row = ofRow[out] ?? 0;
    const from = layers[layer]?.table;
    if (from === undefined) continue;
    const start = starts[layer] ?? 0;
    const parent = parents[out] ?? 0;
    rows.add(parent, (from.nameOffset[row] ?? 0) + start, from.nameLength[row] ?? 0);
    rows.end[out] = ends[out] ?? 0;
    const mode = from.mode[row] ?? 0;
    const isFolder = (mode & S_IFMT) === S_IFDIR;
    rows.mode[out] = mode;
    rows.uid[out] = from.uid[row] ?? 0;
    rows.gid[out] = from.gid[row] ?? 0;
    rows.size[out] = from.size[row] ?? 0;
    rows.mtime[out] = from.mtime[row] ?? 0;
    rows.mtimeNsec[out] = from.mtimeNsec[row] ?? 0;
    rows.rdev[out] = from.rdev[row] ?? 0;
    const first = isFolder ? undefined : inodes.place(out, layer, from.inode[row] ?? 0);
    rows.inode[out] = first ?? out;
    rows.nlink[out] = isFolder ? 2 : 1;
    if (isFolder && out > 0) rows.nlink[parent] = (rows.nlink[parent] ?? 0) + 1;
    let flags = (from.flags[row] ?? 0) & (merged.hidden?.has(out) === true ? KEPT | KEPT_HIDDEN : KEPT);
    if (merged.faults.has(out)) flags |= Flag.broken;
    if (first !== undefined && first !== out) flags |= Flag.hardLink;
    const data = merged.data.get(out);
    const source = data === undefined ? from : layers[data.layer]?.table;
    if (source !== undefined) {
      const at = data?.row ?? row;
      const base = starts[data?.layer ?? layer] ?? 0;
      flags |= (source.flags[at] ?? 0) & OF_CONTENT;
      const redirect = source.redirectOffset[at] ?? 0;
      const digest = source.digestOffset[at] ?? 0;
      rows.redirectOffset[out] = redirect === 0 ? 0 : redirect + base;
      rows.redirectLength[out] = source.redirectLength[at] ?? 0;
      rows.digestOffset[out] = digest === 0 ? 0 : digest + base;
    }
    rows.flags[out] = flags;
  }
  inodes.countNames(rows);
  return rows.finish();
}

/**
 * Inode numbers of the merged tree: the row of the first name. Two names are links of each other where they are so in one
 * layer; a name that a layer above replaces is no link any more.
 */
class InodeNumbers {
  /** By layer: inodes with several names; undefined: any may have. */
  readonly #linked: readonly ReadonlySet<number>[] | undefined;
  /** By layer: first row in the merged tree, by inode. */
  readonly #first: readonly Map<number, number>[];
  readonly #names = new Map<number, number[]>();

  constructor(layers: readonly Image[], isAny: boolean) {
    this.#first = layers.map(() => new Map());
    if (isAny) return;
    this.#linked = layers.map(({ table }) => {
      const linked = new Set<number>();
      for (let row = 0; row < table.count; row += 1) {
        if (((table.flags[row] ?? 0) & Flag.hardLink) !== 0 && !isDirectory(table, row))
          linked.add(table.inode[row] ?? 0);
      }
      return linked;
    });
  }

  /** @returns the row of the first name; undefined: it has only this one */
  place(out: number, layer: number, inode: number): number | undefined {
    if (this.#linked !== undefined && this.#linked[layer]?.has(inode) !== true) return undefined;
    const first = this.#first[layer];
    const known = first?.get(inode);
    if (known !== undefined) {
      this.#names.get(known)?.push(out);
      return known;
    }
    first?.set(inode, out);
    this.#names.set(out, [out]);
    return out;
  }

  countNames({ nlink }: TableBuilder): void {
    for (const rows of this.#names.values()) for (const row of rows) nlink[row] = rows.length;
  }
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Names of a layer's attributes as the merged mount shows them. */
class EffectiveNames {
  readonly #image: Image;
  readonly #prefix: Uint8Array;
  readonly #escaped: Uint8Array;
  /** By the array that a name comes in; null: whether it shows is for each entry to say. */
  readonly #known = new Map<Uint8Array, Uint8Array | null | undefined>();

  constructor(image: Image, family: XattrFamily) {
    this.#image = image;
    this.#prefix = ascii(`${family}.overlay.`);
    this.#escaped = ascii(`${family}.overlay.overlay.`);
  }

  of(name: Uint8Array, row: number): Uint8Array | undefined {
    let shown = this.#known.get(name);
    if (shown === undefined && !this.#known.has(name)) {
      shown = this.#image.kind === 'composefs' && isMark(name) ? null : this.#shown(name);
      if (this.#known.size >= 1000) this.#known.clear();
      this.#known.set(name, shown);
    }
    if (shown !== null) return shown;
    return hasMark(this.#image, row, name) ? undefined : this.#shown(name);
  }

  #shown(name: Uint8Array): Uint8Array | undefined {
    const source = this.#image.kind === 'composefs' ? ofSource(name) : name;
    return source && unescaped(source, this.#prefix, this.#escaped);
  }
}

function byEntry(problems: readonly Problem[]): ReadonlyMap<number | undefined, readonly Problem[]> {
  const map = new Map<number | undefined, Problem[]>();
  for (const problem of problems) {
    const list = map.get(problem.entry);
    if (list === undefined) map.set(problem.entry, [problem]);
    else list.push(problem);
  }
  return map;
}
