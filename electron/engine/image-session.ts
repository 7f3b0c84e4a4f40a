import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openImage } from '../../shared/composefs/open-image.ts';
import { verityStatuses } from '../../shared/contract/status.ts';
import type { Counts, ImageId, ImageInfo } from '../../shared/contract/values.ts';
import { statusOfEntries } from '../../shared/tree/entry-status.ts';
import type { StatusOf } from '../../shared/tree/entry-status.ts';
import type { Image } from '../../shared/tree/image.ts';
import { indexObjects } from '../../shared/tree/objects.ts';
import type { ObjectIndex } from '../../shared/tree/objects.ts';
import { countEntries } from '../../shared/tree/statistics.ts';
import { Flag } from '../../shared/tree/table.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import type { AttachedStore } from './attached-store.ts';
import type { JobContext } from './job-list.ts';
import { readImageFile } from './read-image-file.ts';
import type { FileIdentity } from './read-image-file.ts';
import type { QuickResult } from './stores/quick-check.ts';

/** A look at all objects, and the stores that it was in: its roots are indices into those. */
export interface Checked {
  readonly result: QuickResult;
  readonly stores: readonly AttachedStore[];
}

/** Everything that is known of one opened image. What others find out about it is written here, by them. */
export interface ImageSession {
  readonly id: ImageId;
  /** As the user gave it, absolute. */
  readonly path: string;
  readonly identity: FileIdentity;
  readonly image: Image;
  readonly objects: ObjectIndex;
  readonly counts: Counts;
  /** Of the distinct objects, as indices into `verityStatuses`; written in place. */
  readonly statuses: Uint8Array;
  readonly statusOf: StatusOf;
  readonly openedInMs: number;
  /** Aborted when the image is closed: nothing that still runs for it is of use. */
  readonly closing: AbortController;
  /** The last look at all objects that came to its end. */
  checked: Checked | undefined;
  /** Hex. */
  digest: string | undefined;
}

/** Reads and opens an image. @throws ImageError, CallError, errno errors, the signal's reason */
export async function openSession(id: ImageId, path: string, context: JobContext): Promise<ImageSession> {
  const started = performance.now();
  const { bytes, identity } = await readImageFile(path, context);
  const image = openImage(bytes);
  const openedInMs = performance.now() - started;
  await setImmediate(); // each of these steps takes its time on a large image: let rows of others be asked in between
  const objects = indexObjects(image);
  await setImmediate();
  const counts = countEntries(image, objects);
  context.signal.throwIfAborted();
  const statuses = uncheckedStatuses(image, objects);
  return {
    id,
    path,
    identity,
    image,
    objects,
    counts,
    statuses,
    statusOf: statusOfEntries(image, objects, statuses),
    openedInMs,
    closing: new AbortController(),
    checked: undefined,
    digest: undefined,
  };
}

/** What can be said of objects before anybody looked. */
function uncheckedStatuses({ table }: Image, objects: ObjectIndex): Uint8Array {
  const [unchecked, noDigest] = [verityStatuses.indexOf('unchecked'), verityStatuses.indexOf('no-digest')];
  return Uint8Array.from(objects.firstEntry, (entry) => (table.digestOffset[entry] === 0 ? noDigest : unchecked));
}

/** An image's own digest has the algorithm of its objects' digests: so have the repositories that hold both. */
export function verityAlgorithmOf({ image, objects }: ImageSession): VerityAlgorithm {
  const { digestOffset, flags } = image.table;
  const entry = objects.firstEntry.find((first) => digestOffset[first] !== 0);
  return entry !== undefined && ((flags[entry] ?? 0) & Flag.sha512) !== 0 ? 'sha512' : 'sha256';
}

function titleOf({ kind, formatVersion }: Image): string {
  switch (kind) {
    case 'composefs':
      return `composefs image, format ${formatVersion ?? '?'}`;
    case 'erofs':
      return 'EROFS image';
    case 'cfs':
      return '2023 format, no kernel mounts it';
  }
}

export function imageInfo(session: ImageSession): ImageInfo {
  const { id, path, image, identity, counts, digest, openedInMs, statuses } = session;
  const byStatus: Partial<Record<(typeof verityStatuses)[number], number>> = {};
  for (const code of statuses) {
    const status = verityStatuses[code];
    if (status !== undefined) byStatus[status] = (byStatus[status] ?? 0) + 1;
  }
  return {
    image: id,
    path,
    name: basename(path),
    kind: image.kind,
    title: titleOf(image),
    formatVersion: image.formatVersion,
    bytes: identity.size,
    counts,
    digest,
    facts: image.facts,
    problems: image.problems.length + image.problemsOmitted,
    statuses: byStatus,
    openedInMs,
  };
}
