import { verityStatuses, type VerityStatus } from '../contract/status.ts';
import type { Image } from './image.ts';
import type { ObjectIndex } from './objects.ts';
import { Flag } from './table.ts';

/** What `verity:`, the verity column and F8 ask: the status of an entry, as far as it is known now. */
export type StatusOf = (entry: number) => VerityStatus | undefined;

/**
 * The status of each entry, from the statuses of the distinct objects.
 *
 * @param statuses by number of the object, as an index into `verityStatuses`; read at each call, so it may be written to
 * @returns undefined for what has no content: all that is no regular file, and empty files. A backed file without a
 * redirect is `unreadable`: no kernel finds its bytes (EIO at stat)
 */
export function statusOfEntries(image: Pick<Image, 'table'>, objects: ObjectIndex, statuses: Uint8Array): StatusOf {
  const { flags } = image.table;
  return (entry) => {
    const object = objects.ofEntry[entry] ?? -1;
    if (object !== -1) return verityStatuses[statuses[object] ?? 1];
    const bits = flags[entry] ?? 0;
    if ((bits & Flag.inline) !== 0) return 'inline';
    return (bits & Flag.backed) !== 0 ? 'unreadable' : undefined;
  };
}
