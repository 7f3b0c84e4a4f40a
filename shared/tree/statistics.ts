import type { Counts, EntryKind } from '../contract/values.ts';
import { kindOf } from './format.ts';
import type { Image } from './image.ts';
import type { ObjectIndex } from './objects.ts';
import { Flag } from './table.ts';

/**
 * Counts what an image holds. `entries` are names: the root is one, hard links are one each, and each is counted in the
 * number of its kind. The stubs of the root are nowhere counted, since nobody made them. Bytes are summed as whole
 * numbers up to 2^53 and as doubles above.
 */
export function countEntries(image: Pick<Image, 'table'>, objects: ObjectIndex): Counts {
  const { table } = image;
  const kinds: Record<EntryKind, number> = {
    file: 0,
    directory: 0,
    symlink: 0,
    char: 0,
    block: 0,
    fifo: 0,
    socket: 0,
    whiteout: 0,
    unknown: 0,
  };
  let entries = 0;
  let inlineFiles = 0;
  let backedFiles = 0;
  let emptyFiles = 0;
  let hardLinks = 0;
  let apparentBytes = 0;
  for (let entry = 0; entry < table.count; entry += 1) {
    const flags = table.flags[entry] ?? 0;
    if ((flags & Flag.stub) !== 0) continue;
    const kind = kindOf(image, entry);
    const isLink = (flags & Flag.hardLink) !== 0;
    kinds[kind] += 1;
    entries += 1;
    if (isLink) hardLinks += 1;
    if (kind !== 'file') continue;
    const size = table.size[entry] ?? 0;
    if (!isLink) apparentBytes += size;
    if ((flags & Flag.backed) !== 0) backedFiles += 1;
    else if (size === 0) emptyFiles += 1;
    else if ((flags & Flag.inline) !== 0) inlineFiles += 1;
  }
  let objectBytes = 0;
  for (const entry of objects.firstEntry) objectBytes += table.size[entry] ?? 0;
  return {
    entries,
    directories: kinds.directory,
    files: kinds.file,
    inlineFiles,
    backedFiles,
    emptyFiles,
    symlinks: kinds.symlink,
    devices: kinds.char + kinds.block,
    fifos: kinds.fifo,
    sockets: kinds.socket,
    whiteouts: kinds.whiteout,
    hardLinks,
    objects: objects.count,
    objectBytes,
    apparentBytes,
  };
}
