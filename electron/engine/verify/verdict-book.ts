import { verityStatuses, type VerityStatus } from '../../../shared/contract/status.ts';
import type { QuickResult } from '../stores/quick-check.ts';
import type { Verdict } from './verify-run.ts';

/** Verdicts on bad objects that are kept whole; a million bad ones have one cause. */
const MAX_KEPT = 20_000;

const NO_ROOT = 0;
const unchecked = verityStatuses.indexOf('unchecked');

/**
 * What hashing found about the objects of one image, and of which state of which file: so that a look without hashing
 * does not forget it, unless the file is another one by now.
 */
export class VerdictBook {
  readonly #count: number;
  /** By object, once there is anything to note: status, 1 + number of the data root, size and mtime of the file. */
  #status: Uint8Array | undefined;
  #root = new Uint16Array(0);
  #size = new Float64Array(0);
  #mtimeMs = new Float64Array(0);
  readonly #roots: string[] = [];
  readonly #kept = new Map<number, Verdict>();

  /** @param count of the image's distinct objects */
  constructor(count: number) {
    this.#count = count;
  }

  /** @param dataRoot of the verdict's root */
  note(object: number, verdict: Verdict, dataRoot: string | undefined): void {
    if (verdict.status === 'ok' || verdict.status === 'sealed') this.#kept.delete(object);
    else if (this.#kept.size < MAX_KEPT || this.#kept.has(object)) this.#kept.set(object, verdict);
    const { state } = verdict;
    if (state === undefined || dataRoot === undefined) {
      if (this.#status !== undefined) this.#root[object] = NO_ROOT;
      return;
    }
    if (this.#status === undefined) {
      this.#status = new Uint8Array(this.#count);
      this.#root = new Uint16Array(this.#count);
      this.#size = new Float64Array(this.#count);
      this.#mtimeMs = new Float64Array(this.#count);
    }
    let root = this.#roots.indexOf(dataRoot);
    if (root < 0) root = this.#roots.push(dataRoot) - 1;
    this.#status[object] = verityStatuses.indexOf(verdict.status);
    this.#root[object] = root + 1;
    this.#size[object] = state.size;
    this.#mtimeMs[object] = state.mtimeMs;
  }

  /** What was found out about an object that is not right. */
  verdict(object: number): Verdict | undefined {
    return this.#kept.get(object);
  }

  /**
   * What is known of a file that is there: the status that hashing gave, as long as it is as it was then.
   * @param status by a look without hashing
   */
  statusOf(
    object: number,
    status: VerityStatus,
    file: { readonly dataRoot: string | undefined; readonly size: number; readonly mtimeMs: number },
  ): VerityStatus {
    if (status !== 'unchecked' || this.#status === undefined) return status;
    const root = this.#root[object] ?? NO_ROOT;
    const isSame =
      root !== NO_ROOT &&
      this.#roots[root - 1] === file.dataRoot &&
      this.#size[object] === file.size &&
      this.#mtimeMs[object] === file.mtimeMs;
    return isSame ? (verityStatuses[this.#status[object] ?? unchecked] ?? status) : status;
  }

  /** As `statusOf` for all objects. @returns a new array */
  merge({ status, root, size, mtimeMs }: QuickResult, dataRoots: readonly string[]): Uint8Array {
    const merged = status.slice();
    if (this.#status === undefined) return merged;
    for (let object = 0; object < merged.length; object += 1) {
      if (merged[object] !== unchecked) continue;
      const dataRoot = dataRoots[root[object] ?? NO_ROOT];
      const file = { dataRoot, size: size[object] ?? 0, mtimeMs: mtimeMs[object] ?? 0 };
      merged[object] = verityStatuses.indexOf(this.statusOf(object, 'unchecked', file));
    }
    return merged;
  }
}
