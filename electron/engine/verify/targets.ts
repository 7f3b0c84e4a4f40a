import { isRedirectFault, parseRedirect } from '../../../shared/store/redirect-path.ts';
import type { Wanted } from '../../../shared/verity/judge.ts';
import { slices } from '../slices.ts';
import type { Measure } from './hash-task.ts';

/** What somebody wants of an object, and by which hash it is told. */
export interface Want extends Wanted {
  readonly measure: Measure;
}

/** Somebody that wants objects: an image, or a store that knows what its objects must be by their names. */
export interface VerifySource<Verdict> {
  /** Number of its objects. */
  readonly count: number;
  /** Path below the data root; a view. */
  readonly redirect: (object: number) => Uint8Array;
  readonly want: (object: number) => Want;
  readonly note: (object: number, verdict: Verdict) => void;
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
 * since there may be a million.
 */
export class Targets<Verdict> {
  readonly #sources: readonly VerifySource<Verdict>[];
  /** By target: its first want. By want: the next of the same target, its source and its object. */
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #source: Uint16Array;
  readonly #object: Uint32Array;
  #count = 0;

  private constructor(sources: readonly VerifySource<Verdict>[], wants: number) {
    this.#sources = sources;
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
        const path = latin1(source.redirect(object));
        const known = byPath.get(path);
        if (known === undefined) {
          byPath.set(path, targets.#count);
          targets.#first[targets.#count] = want;
          targets.#count += 1;
        } else {
          targets.#next[want] = targets.#first[known] ?? NONE;
          targets.#first[known] = want;
        }
        if ((object & 1023) !== 0) continue;
        await breathe();
        signal?.throwIfAborted();
      }
    }
    return targets;
  }

  get count(): number {
    return this.#count;
  }

  /** Who wants the file: at least one. */
  *wants(target: number): Generator<{ readonly source: VerifySource<Verdict>; readonly object: number }> {
    for (let want = this.#first[target] ?? NONE; want !== NONE; want = this.#next[want] ?? NONE) {
      const source = this.#sources[this.#source[want] ?? 0];
      if (source !== undefined) yield { source, object: this.#object[want] ?? 0 };
    }
  }

  /** The file's path below the data roots as the kernel walks it, Latin-1; or why it walks none. */
  path(target: number): { readonly path: string; readonly folderLength: number } | BadRedirect {
    const want = this.#first[target] ?? 0;
    const redirect = this.#sources[this.#source[want] ?? 0]?.redirect(this.#object[want] ?? 0) ?? new Uint8Array(0);
    const parsed = parseRedirect(redirect);
    if (isRedirectFault(parsed)) return parsed;
    return { path: latin1(parsed.bytes), folderLength: parsed.folderLength };
  }

  /** Bytes that the first of those that want it expects. */
  size(target: number): number {
    const want = this.#first[target] ?? 0;
    return this.#sources[this.#source[want] ?? 0]?.want(this.#object[want] ?? 0).size ?? 0;
  }
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
