import { indexObjects } from '../../../shared/tree/objects.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { Flag } from '../../../shared/tree/table.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import { displayBytes, hexOfBytes } from '../../../shared/tree/text.ts';
import { StoreError } from '../stores/store-error.ts';

/** An object that an image refers to. */
export interface ImageObject {
  /** Below the data root, as the image has it; Latin-1. */
  readonly redirect: string;
  /** Hex. */
  readonly digest: string;
  readonly size: number;
  /** An entry that refers to it. */
  readonly entry: number;
}

/**
 * The different objects of an image by their digests, in tree order.
 *
 * @param name of the image, for messages
 * @throws StoreError `EINVAL` where one has no digest, one of SHA-512, or no redirect: nobody could check or find it
 */
export function imageObjects(image: Image, name: string): readonly ImageObject[] {
  const { table } = image;
  const { count, firstEntry } = indexObjects(image);
  const objects = new Map<string, ImageObject>();
  const refuse = (entry: number, why: string): never => {
    throw new StoreError('EINVAL', name, `${name}: ${displayPath(image, entry)} ${why}`);
  };
  for (let row = 0; row < table.count; row += 1) {
    if (((table.flags[row] ?? 0) & Flag.noRedirect) !== 0)
      refuse(row, 'has no redirect: nothing says where its bytes are');
  }
  for (let object = 0; object < count; object += 1) {
    const entry = firstEntry[object] ?? 0;
    const at = table.digestOffset[entry] ?? 0;
    if (at === 0) refuse(entry, 'has no digest: nobody could check what was fetched');
    if (((table.flags[entry] ?? 0) & Flag.sha512) !== 0)
      refuse(entry, 'has a SHA-512 digest, which is not supported here');
    const digest = hexOfBytes(table.bytes.subarray(at, at + 32));
    if (objects.has(digest)) continue;
    const from = table.redirectOffset[entry] ?? 0;
    const redirect = table.bytes.subarray(from, from + (table.redirectLength[entry] ?? 0));
    objects.set(digest, {
      redirect: Buffer.from(redirect).toString('latin1'),
      digest,
      size: table.size[entry] ?? 0,
      entry,
    });
  }
  return [...objects.values()];
}

const displayPath = (image: Image, entry: number): string => pathOf(image.table, entry);

/** Of an object, as the reference names it. */
export const pathOfDigest = (digest: string): string => `${digest.slice(0, 2)}/${digest.slice(2)}`;

/** Whether it has the name that objects have where they are published. */
export const isPublishable = ({ redirect, digest }: ImageObject): boolean => redirect === pathOfDigest(digest);

/** A redirect, for a person. */
export const redirectText = (redirect: string): string => displayBytes(Buffer.from(redirect, 'latin1'));

/** What who has some images must fetch for another one: those objects of it that none of them has. */
export function fetchPlan(
  have: readonly (readonly ImageObject[])[],
  want: readonly ImageObject[],
): {
  readonly fetch: readonly ImageObject[];
  readonly bytes: number;
  readonly kept: number;
  readonly keptBytes: number;
} {
  const known = new Set(have.flatMap((objects) => objects.map(({ digest }) => digest)));
  const fetch = want.filter(({ digest }) => !known.has(digest));
  const sum = (objects: readonly ImageObject[]): number => objects.reduce((bytes, { size }) => bytes + size, 0);
  return { fetch, bytes: sum(fetch), kept: want.length - fetch.length, keptBytes: sum(want) - sum(fetch) };
}
