import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Leftover } from '../../shared/contract/mount-values.ts';
import { mountsNow } from './mounts-now.ts';

/** What is ours at run time; /run is emptied with each boot, and the records of what is mounted with it. */
export const RUN = '/run/composcope';
export const RECORDS = join(RUN, 'journal');

/**
 * What the helper is about to leave behind, written before it does: so that whoever comes after a helper that was killed
 * knows what to clear, and a list of mounts knows which image lies below one, which the kernel does not tell.
 */
export interface MountRecord {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** `making`: the helper of that process is at it, or died. */
  readonly state: 'making' | 'mounted';
  readonly pid: number;
  /** When the process started, in ticks since boot: pids are used again. */
  readonly started: string;
  /** uid of who asked. */
  readonly caller: number;
  readonly mountpoint: string;
  /** The mount point is a folder of ours, to be removed with the mount: its name in the caller's folder. */
  readonly ownFolder?: string | undefined;
  /** Number in mountinfo, as soon as there is one. */
  readonly mountId?: number | undefined;
  /** A folder in RUN/lower where EROFS layers are attached for a moment (older kernels). */
  readonly lower?: string | undefined;
  /** The uppermost first. */
  readonly images: readonly { readonly path: string; readonly digest?: string | undefined }[];
  readonly stores: readonly string[];
}

/** All records; what root did not write, or what is damaged, is none. */
export function readRecords(): readonly MountRecord[] {
  return namesIn(RECORDS).flatMap((name) => {
    const record = name.endsWith('.json') ? readRecord(join(RECORDS, name)) : undefined;
    return record !== undefined && name === `${record.id}.json` ? [record] : [];
  });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // there was never a mount
  }
}

function readRecord(path: string): MountRecord | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      if (fstatSync(fd).uid !== 0) return undefined;
      const value: unknown = JSON.parse(readFileSync(fd, 'utf8'));
      return isRecord(value) ? value : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined; // it went in between, or is damaged: no record
  }
}

const isText = (part: unknown): boolean => typeof part === 'string';
const isPlainName = (part: unknown): boolean =>
  part === undefined || (typeof part === 'string' && /^[\w.-]+$/.test(part));

/** Written by root alone, and by one program: what is looked at is whether it is whole, and of this version. */
function isRecord(value: unknown): value is MountRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { id, state, pid, started, caller, mountpoint, images, stores, mountId, ownFolder, lower } = value as Partial<
    Record<keyof MountRecord, unknown>
  >;
  return (
    typeof id === 'string' &&
    /^[0-9a-f]{16}$/.test(id) &&
    (state === 'making' || state === 'mounted') &&
    [pid, caller].every((number) => Number.isInteger(number)) &&
    [started, mountpoint].every(isText) &&
    (mountId === undefined || Number.isInteger(mountId)) &&
    [ownFolder, lower].every(isPlainName) &&
    Array.isArray(stores) &&
    stores.every(isText) &&
    Array.isArray(images) &&
    images.every(
      (image: unknown) => typeof image === 'object' && image !== null && 'path' in image && isText(image.path),
    )
  );
}

/** When a process started, in ticks since boot; undefined: there is none. @see proc(5), /proc/pid/stat, field 22 */
export function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Whether the helper that wrote a record is still at it. */
export const isAlive = ({ pid, started }: MountRecord): boolean => startOf(pid) === started;

/** Whether the mount of a record is there. */
export const isThere = ({ mountId, mountpoint }: MountRecord): boolean =>
  mountsNow().some((line) => line.mountId === mountId && line.mountpoint === mountpoint);

/** Mounts whose helper was killed before it could say that they are made. */
export const leftoversNow = (): readonly Leftover[] =>
  readRecords()
    .filter((record) => record.state === 'making' && !isAlive(record) && isThere(record))
    .map(({ id, images, mountpoint }) => ({
      id,
      sentence:
        `The helper was killed while it mounted ${images.map(({ path }) => path).join(', ')} at ${mountpoint}. ` +
        `Clearing takes the mount away.`,
      mountpoint,
    }));
