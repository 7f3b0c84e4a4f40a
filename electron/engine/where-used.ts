import type { Use } from '../../shared/contract/values.ts';
import { basename } from 'node:path';
import { pathOf } from '../../shared/tree/path.ts';
import { digestBytes, redirectBytes } from '../../shared/tree/row.ts';
import { equalBytes } from '../../shared/tree/text.ts';
import type { ImageSession } from './image-session.ts';
import { slices } from './slices.ts';

/** Paths told: an object that more refer to is an empty licence file, and nobody reads the list. */
const MAX_USES = 10_000;

/**
 * Every path in every open image that refers to the object of an entry: the same redirect, or another one to content of
 * the same digest. No index is kept for it: 1,000,000 distinct objects are looked through in some 20 ms.
 *
 * @returns the entry itself included; nothing for what has no object
 */
export async function whereUsed(
  of: ImageSession,
  entry: number,
  sessions: readonly ImageSession[],
): Promise<readonly Use[]> {
  const redirect = redirectBytes(of.image.table, entry);
  const digest = digestBytes(of.image.table, entry);
  if (redirect === undefined && digest === undefined) return [];
  const uses: Use[] = [];
  const breathe = slices();
  for (const session of sessions) {
    const objects = objectsLike(session, redirect, digest);
    await breathe();
    if (objects.size === 0) continue;
    const { table } = session.image;
    for (const [row, object] of session.objects.ofEntry.entries()) {
      if ((row & 0xffff) === 0) await breathe();
      if (object === -1 || !objects.has(object)) continue;
      if (uses.length >= MAX_USES) return uses;
      uses.push({ image: session.id, imageName: basename(session.path), entry: row, path: pathOf(table, row) });
    }
  }
  return uses;
}

/** The numbers of a session's objects with this redirect or this digest. */
function objectsLike(
  { image, objects }: ImageSession,
  redirect: Uint8Array | undefined,
  digest: Uint8Array | undefined,
): ReadonlySet<number> {
  const { bytes, redirectOffset, redirectLength, digestOffset } = image.table;
  const found = new Set<number>();
  for (const [object, entry] of objects.firstEntry.entries()) {
    // First one byte, since almost all differ there and a view on the bytes costs more than the comparison.
    const at = redirectOffset[entry] ?? 0;
    const isRedirect =
      redirect !== undefined &&
      redirectLength[entry] === redirect.length &&
      bytes[at + redirect.length - 1] === redirect.at(-1) &&
      equalBytes(bytes.subarray(at, at + redirect.length), redirect);
    if (isRedirect || (digest !== undefined && isDigest(entry, digest))) found.add(object);
  }
  return found;

  function isDigest(entry: number, wanted: Uint8Array): boolean {
    const offset = digestOffset[entry] ?? 0;
    if (offset === 0 || bytes[offset] !== wanted[0]) return false;
    const own = digestBytes(image.table, entry);
    return own !== undefined && equalBytes(own, wanted);
  }
}
