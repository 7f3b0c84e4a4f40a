import type { Use, Uses } from '../../shared/contract/values.ts';
import { pathOf } from '../../shared/tree/path.ts';
import { digestBytes, redirectBytes } from '../../shared/tree/row.ts';
import { equalBytes } from '../../shared/tree/text.ts';
import type { ImageSession } from './image-session.ts';
import { slices } from './slices.ts';

/** Paths told; the rest are counted. An object that more refer to is a licence text, and nobody reads the list. */
const MAX_USES = 1000;

/**
 * Every path in every open image that refers to the object of an entry: the same redirect, or another one to content of
 * the same digest. No index is kept for it: 1,000,000 distinct objects are looked through in some 20 ms.
 *
 * @returns the entry itself included; nothing for what has no object
 */
export async function whereUsed(of: ImageSession, entry: number, sessions: readonly ImageSession[]): Promise<Uses> {
  const redirect = redirectBytes(of.image.table, entry);
  const digest = digestBytes(of.image.table, entry);
  if (redirect === undefined && digest === undefined) return { uses: [], omitted: 0 };
  const uses: Use[] = [];
  let omitted = 0;
  const breathe = slices();
  for (const session of sessions) {
    const { ofEntry } = await session.indexed;
    const objects = await objectsLike(session, redirect, digest, breathe);
    if (objects.size === 0) continue;
    const { table } = session.image;
    for (let row = 0; row < table.count; row += 1) {
      if ((row & 0xffff) === 0) await breathe();
      const object = ofEntry[row] ?? -1;
      if (object === -1 || !objects.has(object)) continue;
      if (uses.length < MAX_USES) {
        uses.push({ image: session.id, imageName: session.name, entry: row, path: pathOf(table, row) });
      } else omitted += 1;
    }
  }
  return { uses, omitted };
}

/** The numbers of a session's objects with this redirect or this digest. */
async function objectsLike(
  { image, indexed }: ImageSession,
  redirect: Uint8Array | undefined,
  digest: Uint8Array | undefined,
  breathe: () => Promise<void>,
): Promise<ReadonlySet<number>> {
  const { bytes, redirectOffset, redirectLength, digestOffset } = image.table;
  const { firstEntry } = await indexed;
  const found = new Set<number>();
  // First one byte, since almost all differ there and a view on the bytes costs more than the comparison.
  const lastOfRedirect = redirect?.at(-1);
  const firstOfDigest = digest?.[0];
  for (let object = 0; object < firstEntry.length; object += 1) {
    if ((object & 0xffff) === 0) await breathe();
    const entry = firstEntry[object] ?? 0;
    const length = redirectLength[entry] ?? 0;
    const at = redirectOffset[entry] ?? 0;
    if (redirect !== undefined && length === redirect.length && bytes[at + length - 1] === lastOfRedirect) {
      if (equalBytes(bytes.subarray(at, at + length), redirect)) found.add(object);
    }
    const digestAt = digestOffset[entry] ?? 0;
    if (digest !== undefined && digestAt !== 0 && bytes[digestAt] === firstOfDigest) {
      const own = digestBytes(image.table, entry);
      if (own !== undefined && equalBytes(own, digest)) found.add(object);
    }
  }
  return found;
}
