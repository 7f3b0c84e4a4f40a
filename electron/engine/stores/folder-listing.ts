import { constants, type Dirent } from 'node:fs';
import { lstat, open, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { TWO_DIGITS, type FolderListing, type ListedKind } from '../../../shared/store/recognise.ts';
import { errnoOf, storeError } from './store-error.ts';

/** Entries of one folder that are looked at; a store's top level has a few hundred. */
const MAX_ENTRIES = 20_000;
/** Two-digit folders, and names in each, that are looked at to tell what a store is. */
const SAMPLE_FOLDERS = 16;
const SAMPLE_NAMES = 8;
/** `config` and `meta.json` have a few hundred bytes. */
const MAX_TEXT = 64 * 1024;

export interface Listed {
  readonly entries: ReadonlyMap<string, ListedKind>;
  /** There are more than were looked at. */
  readonly more: boolean;
}

/**
 * The names in a folder, at most 20,000.
 * @throws StoreError
 */
export async function listFolder(path: string, limit: number = MAX_ENTRIES): Promise<Listed> {
  try {
    const entries = new Map<string, ListedKind>();
    for await (const entry of await opendir(path)) {
      if (entries.size >= limit) return { entries, more: true };
      entries.set(entry.name, kindOf(entry));
    }
    return { entries, more: false };
  } catch (error) {
    throw storeError(error, path);
  }
}

/** As `listFolder`, empty where there is no such folder. @throws StoreError for everything but its absence */
export async function listIfThere(path: string, limit?: number): Promise<Listed> {
  try {
    return await listFolder(path, limit);
  } catch (error) {
    if (isAbsent(error)) return { entries: new Map(), more: false };
    throw error;
  }
}

export const isAbsent = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(errnoOf(error));

/**
 * Reads what `recogniseFolder` wants to see.
 * @throws StoreError where the folder itself cannot be listed
 */
export async function readListing(path: string): Promise<FolderListing> {
  const { entries } = await listFolder(path);
  return {
    entries,
    metaJson: entries.has('meta.json') ? await readText(join(path, 'meta.json')) : undefined,
    config: entries.has('config') ? await readText(join(path, 'config')) : undefined,
    samples: await sampleNames(path, entries),
    objectSamples: entries.has('objects') ? await sampleObjects(join(path, 'objects')) : [],
  };
}

/** What cannot be listed gives no samples: that the store cannot be read is told when it is opened. */
async function sampleObjects(path: string): Promise<readonly string[]> {
  try {
    return await sampleNames(path, (await listFolder(path)).entries);
  } catch {
    return [];
  }
}

async function sampleNames(path: string, entries: Listed['entries']): Promise<readonly string[]> {
  const folders = [...entries].filter(([name, kind]) => kind === 'directory' && TWO_DIGITS.test(name));
  const samples: string[] = [];
  for (const [folder] of folders.slice(0, SAMPLE_FOLDERS)) {
    try {
      samples.push(...(await listFolder(join(path, folder), SAMPLE_NAMES)).entries.keys());
    } catch {
      continue; // one folder that may not be read does not hide what the others say
    }
  }
  return samples;
}

/** A small regular file as text; undefined where there is none, or it is larger than 64 KiB. @throws StoreError */
export async function readText(path: string): Promise<string | undefined> {
  const bytes = await readHead(path, MAX_TEXT + 1);
  return bytes === undefined || bytes.length > MAX_TEXT ? undefined : bytes.toString('utf8');
}

/**
 * The first bytes of a regular file. A FIFO or device in its place is not waited for, a symlink not followed unless
 * asked for.
 * @returns undefined where there is no regular file
 * @throws StoreError where there is one that cannot be read
 */
export async function readHead(path: string, length: number, { follow = false } = {}): Promise<Buffer | undefined> {
  try {
    const noFollow = follow ? 0 : (constants.O_NOFOLLOW ?? 0);
    const file = await open(path, constants.O_RDONLY | noFollow | (constants.O_NONBLOCK ?? 0));
    try {
      if (!(await file.stat()).isFile()) return undefined;
      const buffer = Buffer.alloc(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(buffer, filled, length - filled, filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isAbsent(error) || ['ELOOP', 'EMLINK', 'ENXIO', 'EISDIR'].includes(errnoOf(error))) return undefined;
    throw storeError(error, path);
  }
}

/** The kind of what lies at a path, a symlink not followed; undefined: nothing, or nothing that can be looked at. */
export async function kindAt(path: string): Promise<ListedKind | undefined> {
  try {
    return kindOf(await lstat(path));
  } catch {
    return undefined;
  }
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): ListedKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}
