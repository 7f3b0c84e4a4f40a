import type { Content, Field, Image, Xattr } from './image.ts';
import { displayBytes } from './text.ts';

/** Names that are remembered; an honest image has a handful. */
const MAX_KNOWN = 1000;

/** An image with some of its xattrs, all else as it is. */
export class FilteredImage implements Image {
  readonly #image: Image;
  readonly #keeps: (name: string) => boolean;
  /** By the array that a name comes in, which readers use again and again. */
  readonly #known = new Map<Uint8Array, boolean>();
  readonly originalRow?: (entry: number) => number;

  constructor(image: Image, keeps: (name: string) => boolean) {
    this.#image = image;
    this.#keeps = keeps;
    if (image.originalRow !== undefined) this.originalRow = (entry) => image.originalRow?.(entry) ?? entry;
  }

  get kind(): Image['kind'] {
    return this.#image.kind;
  }
  get table(): Image['table'] {
    return this.#image.table;
  }
  get formatVersion(): Image['formatVersion'] {
    return this.#image.formatVersion;
  }
  get problems(): Image['problems'] {
    return this.#image.problems;
  }
  get problemsOmitted(): number {
    return this.#image.problemsOmitted;
  }
  get facts(): Image['facts'] {
    return this.#image.facts;
  }

  xattrs(entry: number): readonly Xattr[] {
    return this.#image.xattrs(entry).filter(({ name }) => this.#isKept(name));
  }

  eachXattr(entry: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    const kept = (name: Uint8Array, offset: number, length: number): void => {
      if (this.#isKept(name)) visit(name, offset, length);
    };
    if (this.#image.eachXattr !== undefined) this.#image.eachXattr(entry, kept);
    else {
      const { byteOffset } = this.table.bytes;
      for (const { name, value } of this.#image.xattrs(entry)) kept(name, value.byteOffset - byteOffset, value.length);
    }
  }

  content(entry: number): Content {
    return this.#image.content(entry);
  }
  mtimeSeconds(entry: number): bigint {
    return this.#image.mtimeSeconds(entry);
  }
  fields(entry: number): readonly Field[] {
    return this.#image.fields(entry);
  }

  #isKept(name: Uint8Array): boolean {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const kept = this.#keeps(displayBytes(name));
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(name, kept);
    return kept;
  }
}
