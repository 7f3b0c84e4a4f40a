import { pathOf } from '../../../shared/tree/path.ts';
import { digestBytes, redirectBytes } from '../../../shared/tree/row.ts';
import { displayBytes, equalBytes } from '../../../shared/tree/text.ts';
import type { NamedObject } from '../../../shared/verity/explain/evidence.ts';
import type { ImageSession } from '../image-session.ts';

/** An object number is below this: 2^32 / 2^12 for the first digits of the digest leaves a double exact. */
const MAX_OBJECTS = 2 ** 20;

interface Sorted {
  readonly session: ImageSession;
  /** First four bytes of the digest times 2^20, plus the object's number; in order. */
  readonly keys: Float64Array;
  readonly firstEntry: Uint32Array;
}

/** Which objects of open images expect a digest. Eight bytes an object, built once for as long as nothing is opened. */
export class DigestIndex {
  readonly #images: readonly Sorted[];

  private constructor(images: readonly Sorted[]) {
    this.#images = images;
  }

  static async build(sessions: readonly ImageSession[]): Promise<DigestIndex> {
    const images: Sorted[] = [];
    for (const session of sessions) {
      const { firstEntry } = await session.indexed;
      const { bytes, digestOffset } = session.image.table;
      const count = Math.min(firstEntry.length, MAX_OBJECTS);
      const keys = new Float64Array(count);
      for (let object = 0; object < count; object += 1) {
        const at = digestOffset[firstEntry[object] ?? 0] ?? 0;
        keys[object] = at === 0 ? -1 : head(bytes, at) * MAX_OBJECTS + object;
      }
      images.push({ session, keys: keys.toSorted(), firstEntry });
    }
    return new DigestIndex(images);
  }

  /** Objects that expect this digest, an entry each, in the order of the images. */
  *find(digest: Uint8Array): Generator<{ readonly session: ImageSession; readonly entry: number }> {
    const first = head(digest, 0) * MAX_OBJECTS;
    for (const { session, keys, firstEntry } of this.#images) {
      for (let at = lowerBound(keys, first); (keys[at] ?? Number.POSITIVE_INFINITY) < first + MAX_OBJECTS; at += 1) {
        const entry = firstEntry[(keys[at] ?? 0) % MAX_OBJECTS] ?? 0;
        const own = digestBytes(session.image.table, entry);
        if (own !== undefined && equalBytes(own, digest)) yield { session, entry };
      }
    }
  }

  /** The entry of an object by its path below the data root, as text; undefined: none. */
  findRedirect(redirect: string): number | undefined {
    for (const { session, firstEntry } of this.#images) {
      for (const entry of firstEntry) {
        if (displayBytes(redirectBytes(session.image.table, entry) ?? new Uint8Array(0)) === redirect) return entry;
      }
    }
    return undefined;
  }

  /** As rules want to know it. @param digest hex */
  named(digest: string): readonly NamedObject[] {
    return [...this.find(Buffer.from(digest, 'hex'))].map(({ session, entry }) => ({
      redirect: displayBytes(redirectBytes(session.image.table, entry) ?? new Uint8Array(0)),
      path: pathOf(session.image.table, entry),
      imageName: session.name,
    }));
  }
}

/** Four bytes as a number. */
const head = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) * 2 ** 24 + ((bytes[at + 1] ?? 0) << 16) + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);

/** Index of the first key that is not below a value. */
function lowerBound(keys: Float64Array, value: number): number {
  let [from, to] = [0, keys.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((keys[middle] ?? 0) < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
