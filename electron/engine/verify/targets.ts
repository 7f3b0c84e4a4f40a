import { isRedirectFault, parseRedirect, type RedirectFault } from '../../../shared/store/redirect-path.ts';
import type { Wanted } from '../../../shared/verity/judge.ts';
import { slices } from '../slices.ts';
import { measureBit, measuresOf } from './hash-messages.ts';
import type { Measure } from './hash-task.ts';

/** What somebody wants of an object, and by which hash it is told. */
export interface Want extends Wanted {
  readonly measure: Measure;
}

/** Somebody that wants objects: an image, or a store that knows what its objects must be by their names. */
export interface VerifySource<Verdict> {
  /** Number of its objects. */
  readonly count: number;
  /** Path below the data root, Latin-1: a letter a byte. */
  readonly redirect: (object: number) => string;
  /** Of `want`, what is asked of every object before the first is hashed. */
  readonly measure: (object: number) => Measure;
  readonly size: (object: number) => number | undefined;
  readonly want: (object: number) => Want;
  /** @param want of the object, at hand */
  readonly note: (object: number, verdict: Verdict, want: Want) => void;
}

/** A redirect that no kernel follows. */
export interface BadRedirect {
  readonly errno: string;
  readonly reason: string;
}

/** A target that is to be looked at. */
export interface Waiting {
  readonly target: number;
  /** The root that is known to have it. */
  readonly root: number | undefined;
}

const NONE = -1;

/**
 * The distinct files that sources refer to, by path: each is looked at once, for all that want something of it. Columns,
 * since there may be a million, and since what the engine's thread does per object its workers wait for.
 */
export class Targets<Verdict> {
  readonly #sources: readonly VerifySource<Verdict>[];
  /** By target: its path, what to measure of it, its expected size, its first want. */
  readonly #paths: string[] = [];
  readonly #folderLength: Uint16Array;
  readonly #measures: Uint8Array;
  readonly #size: Float64Array;
  readonly #first: Int32Array;
  readonly #faults = new Map<number, BadRedirect>();
  /** By want: the next of the same target, its source and its object. */
  readonly #next: Int32Array;
  readonly #source: Uint16Array;
  readonly #object: Uint32Array;

  private constructor(sources: readonly VerifySource<Verdict>[], wants: number) {
    this.#sources = sources;
    this.#folderLength = new Uint16Array(wants);
    this.#measures = new Uint8Array(wants);
    this.#size = new Float64Array(wants);
    this.#first = new Int32Array(wants).fill(NONE);
    this.#next = new Int32Array(wants).fill(NONE);
    this.#source = new Uint16Array(wants);
    this.#object = new Uint32Array(wants);
  }

  /** @throws the signal's reason */
  static async gather<Verdict>(
    sources: readonly VerifySource<Verdict>[],
    signal?: AbortSignal,
  ): Promise<Targets<Verdict>> {
    const targets = new Targets(
      sources,
      sources.reduce((sum, { count }) => sum + count, 0),
    );
    const byPath = new Map<string, number>();
    const breathe = slices();
    let want = 0;
    for (const [number, source] of sources.entries()) {
      for (let object = 0; object < source.count; object += 1, want += 1) {
        targets.#source[want] = number;
        targets.#object[want] = object;
        targets.#add(want, source, object, byPath);
        if ((object & 1023) !== 0) continue;
        await breathe();
        signal?.throwIfAborted();
      }
    }
    return targets;
  }

  #add(want: number, source: VerifySource<Verdict>, object: number, byPath: Map<string, number>): void {
    const redirect = source.redirect(object);
    const walk = walkOf(redirect);
    const isFault = 'errno' in walk;
    const path = isFault ? redirect : walk.path;
    let target = byPath.get(path);
    if (target === undefined) {
      target = this.#paths.push(path) - 1;
      byPath.set(path, target);
      this.#size[target] = source.size(object) ?? 0;
      if (isFault) this.#faults.set(target, walk);
      else this.#folderLength[target] = walk.folderLength;
    }
    this.#next[want] = this.#first[target] ?? NONE;
    this.#first[target] = want;
    this.#measures[target] = (this.#measures[target] ?? 0) | measureBit(source.measure(object));
  }

  get count(): number {
    return this.#paths.length;
  }

  /** The last that was found to want it. */
  firstWant(target: number): { readonly source: VerifySource<Verdict>; readonly object: number } {
    const want = this.#first[target] ?? NONE;
    const source = this.#sources[this.#source[want] ?? 0];
    if (source === undefined) throw new RangeError(`there is no target ${target}`);
    return { source, object: this.#object[want] ?? 0 };
  }

  /** Visits all who want the file: at least one. */
  eachWant(target: number, visit: (source: VerifySource<Verdict>, object: number) => void): void {
    for (let want = this.#first[target] ?? NONE; want !== NONE; want = this.#next[want] ?? NONE) {
      const source = this.#sources[this.#source[want] ?? 0];
      if (source !== undefined) visit(source, this.#object[want] ?? 0);
    }
  }

  /** The file's path below the data roots as the kernel walks it, Latin-1; or why it walks none. */
  path(target: number): { readonly path: string; readonly folderLength: number } | BadRedirect {
    const fault = this.#faults.get(target);
    return fault ?? { path: this.#paths[target] ?? '', folderLength: this.#folderLength[target] ?? 0 };
  }

  /** Why the kernel walks to no file; undefined: it does. */
  fault(target: number): BadRedirect | undefined {
    return this.#faults.get(target);
  }

  /** Bytes that the first of those that want it expects. */
  size(target: number): number {
    return this.#size[target] ?? 0;
  }

  /** All that anybody wants measured of it. */
  measures(target: number): readonly Measure[] {
    return measuresOf(this.#measures[target] ?? 0);
  }
}

/** `aa/bbbb…`, as nearly all redirects are. */
const CANONICAL = /^[0-9a-f]{2}\/[0-9a-f]{62}$/;

/** The path that the kernel walks for a redirect, Latin-1 both. */
function walkOf(redirect: string): { readonly path: string; readonly folderLength: number } | RedirectFault {
  if (CANONICAL.test(redirect)) return { path: redirect, folderLength: 2 };
  const parsed = parseRedirect(Buffer.from(redirect, 'latin1'));
  if (isRedirectFault(parsed)) return parsed;
  return { path: latin1(parsed.bytes), folderLength: parsed.folderLength };
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
