import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { isRedirectFault, parseRedirect } from '../../../shared/store/redirect-path.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { VerityDigester, type VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { syncFolder } from '../save-content.ts';
import { errnoOf, StoreError, storeError } from '../stores/store-error.ts';
import { enableVerity, kernelHasVerity, measureVerity } from '../../kernel/verity-ioctl.ts';

/** Where an object goes, and what it must be. */
export interface Place {
  readonly dataRoot: string;
  /** Path below the data root, as the image has it. */
  readonly redirect: Uint8Array;
  readonly algorithm: VerityAlgorithm;
  /** Hex. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
  /** Keep what was there before under another name. */
  readonly keep: boolean;
}

export interface Placed {
  /** The bad object is kept there; undefined: there was none, or it was not to be kept. */
  readonly keptAs: string | undefined;
  /** fs-verity was enabled on the new file. */
  readonly sealed: boolean;
}

/** A folder's mode is the umask's; an object is for all to read, and for nobody to write. */
const OBJECT_MODE = 0o644;
/** Names that a bad object is kept under: `.bad`, `.bad-2`, … */
const MAX_KEPT = 1000;

/**
 * Puts an object in place, if it is the right one: its bytes are written beside, hashed on the way, synced, sealed where
 * the file system can, and only then take the name. What was there before is kept until somebody deletes it.
 *
 * @returns undefined: the bytes are not those that are wanted, and nothing has changed
 * @throws StoreError; what the chunks throw; nothing is left beside then
 */
export async function placeObject(chunks: AsyncIterable<Uint8Array>, place: Place): Promise<Placed | undefined> {
  const target = await targetOf(place);
  const folder = target.subarray(0, target.lastIndexOf('/'));
  const beside = joinBytes(folder, `.composcope-${randomUUID()}.tmp`);
  try {
    if (!(await writeBeside(chunks, beside, place))) return undefined;
    const sealed = await seal(beside, place);
    const keptAs = await moveIntoPlace(beside, target, place.keep);
    await syncFolder(folder);
    return { keptAs, sealed };
  } catch (error) {
    if (error instanceof StoreError || !isFileError(error)) throw error;
    throw storeError(error, target.toString());
  } finally {
    await rm(beside, { force: true });
  }
}

/** The object's path, through folders alone: they are made where they are missing, and never left by a symlink. */
async function targetOf({ dataRoot, redirect }: Place): Promise<Buffer> {
  const parsed = parseRedirect(redirect);
  if (isRedirectFault(parsed)) throw new StoreError(parsed.errno, dataRoot, `${dataRoot}: ${parsed.reason}`);
  let folder: Buffer = Buffer.from(dataRoot);
  for (const name of parsed.names.slice(0, -1)) {
    folder = joinBytes(folder, name);
    try {
      const stats = await lstat(folder);
      if (stats.isDirectory()) continue;
      throw new StoreError('ENOTDIR', folder.toString(), `${folder.toString()} is in the way, and is not a folder`);
    } catch (error) {
      if (error instanceof StoreError || errnoOf(error) !== 'ENOENT') throw storeError(error, folder.toString());
    }
    try {
      await mkdir(folder, { mode: 0o755 });
    } catch (error) {
      throw storeError(error, folder.toString());
    }
  }
  return joinBytes(folder, parsed.names.at(-1) ?? new Uint8Array(0));
}

const joinBytes = (folder: Buffer, name: Uint8Array | string): Buffer =>
  Buffer.concat([folder, Buffer.from('/'), typeof name === 'string' ? Buffer.from(name) : name]);

async function writeBeside(
  chunks: AsyncIterable<Uint8Array>,
  beside: Buffer,
  { algorithm, digest, size }: Place,
): Promise<boolean> {
  const file = await open(beside, 'wx', OBJECT_MODE);
  try {
    await file.chmod(OBJECT_MODE); // whatever the umask says
    const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
    let written = 0;
    for await (const bytes of chunks) {
      written += bytes.length;
      if (written > size) return false;
      digester.update(bytes);
      await file.writeFile(bytes);
    }
    if (hexOfBytes(digester.digest()) !== digest) return false;
    await file.sync();
    return true;
  } finally {
    await file.close();
  }
}

/** Enables fs-verity where the file system has it, and holds the kernel's digest against the wanted one. */
async function seal(path: Buffer, { algorithm, digest }: Place): Promise<boolean> {
  if (!kernelHasVerity()) return false;
  const file = await open(path, 'r');
  try {
    const errno = enableVerity(file.fd, algorithm);
    if (errno !== undefined) {
      if (['EOPNOTSUPP', 'ENOTTY'].includes(errno)) return false;
      throw new StoreError(errno, path.toString(), `fs-verity cannot be enabled on ${path.toString()} (${errno})`);
    }
    const measured = measureVerity(file.fd);
    if ('errno' in measured || hexOfBytes(measured.digest) !== digest) {
      throw new StoreError('EIO', path.toString(), `the kernel measured another digest of ${path.toString()}`);
    }
    return true;
  } finally {
    await file.close();
  }
}

/** Takes the name over in one step, where what was there can have a second name until then. */
export async function moveIntoPlace(beside: Buffer, target: Buffer, keep: boolean): Promise<string | undefined> {
  const there = await lstat(target).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (there === undefined || (!keep && there.isFile())) {
    await rename(beside, target);
    return undefined;
  }
  const kept = await freeName(target);
  // A second name first, so that there is an object at any moment; a folder or symlink can have none.
  const isLinked = there.isFile() && (await canLink(target, kept));
  if (!isLinked) await rename(target, kept);
  try {
    await rename(beside, target);
  } catch (error) {
    await (isLinked ? rm(kept) : rename(kept, target));
    throw error;
  }
  return kept.toString();
}

/** Gives a file a second name; false where the file system has no hard links. */
async function canLink(target: Buffer, name: Buffer): Promise<boolean> {
  try {
    await link(target, name);
    return true;
  } catch (error) {
    if (['EPERM', 'EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(errnoOf(error))) return false;
    throw error;
  }
}

async function freeName(target: Buffer): Promise<Buffer> {
  for (let number = 1; number <= MAX_KEPT; number += 1) {
    const name = Buffer.concat([target, Buffer.from(number === 1 ? '.bad' : `.bad-${number}`)]);
    try {
      await lstat(name);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return name;
      throw error;
    }
  }
  throw new StoreError('EEXIST', target.toString(), `${target.toString()} has ${MAX_KEPT} bad copies beside it`);
}

const isFileError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && 'syscall' in error;
