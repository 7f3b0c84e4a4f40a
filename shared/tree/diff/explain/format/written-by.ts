import type { FormatVersion, OtherWriter } from '../../../../composefs/writer/format-rules.ts';
import { writeImageInSteps, type WriteOptions } from '../../../../composefs/writer/write-image.ts';
import { ImageError } from '../../../../erofs/image-error.ts';
import type { Steps } from '../../../../steps.ts';
import type { Image } from '../../../image.ts';
import { equalBytesInSteps } from '../../../text.ts';
import { sideNames, type Delta, type SideName } from '../delta.ts';

/** Above that, writing an image anew takes longer than somebody waits for an explanation: a million entries take 2 s or 3. */
const MAX_PROVED = 2_000_000;

/** The format of a composefs image; undefined: it is none, or of a format that nobody knows. */
export function versionOf({ kind, formatVersion }: Image): FormatVersion | undefined {
  if (kind !== 'composefs') return undefined;
  return formatVersion === 0 || formatVersion === 1 || formatVersion === 2 ? formatVersion : undefined;
}

/** Whether a tree, written in that format, is the other image byte for byte. */
export function* isWrittenAs(
  tree: Image,
  version: FormatVersion,
  other: Image,
  options: Omit<WriteOptions, 'minVersion' | 'maxVersion'> = {},
): Steps<boolean> {
  if (tree.table.count > MAX_PROVED) return false;
  try {
    const written = yield* writeImageInSteps(tree, { ...options, minVersion: version, maxVersion: version });
    return yield* equalBytesInSteps(written, other.table.bytes);
  } catch (error) {
    if (error instanceof ImageError) return false; // the format cannot hold the tree
    throw error;
  }
}

/** The side that another writer would have made of the tree of both; undefined: neither. Both have one format. */
export function* sideWrittenBy({ diff: { a, b } }: Delta, writer: OtherWriter): Steps<SideName | undefined> {
  const version = versionOf(a);
  if (version === undefined || version !== versionOf(b)) return undefined;
  for (const side of sideNames) {
    const [own, other] = side === 'a' ? [a, b] : [b, a];
    if (!(yield* isWrittenAs(other, version, own, { writer }))) continue;
    if (!(yield* isWrittenAs(own, version, own))) return side;
  }
  return undefined;
}
