import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PublishManifest } from '../../../shared/store/publish-manifest.ts';
import { kindAt, readHead } from '../stores/folder-listing.ts';
import { StoreError, storeError } from '../stores/store-error.ts';

/** Names in a published folder. */
export const MANIFEST = 'manifest.json';
export const OBJECTS = 'objects';
export const IMAGES = 'images';

/** A manifest of a million objects has some 200 MB. */
const MAX_MANIFEST = 2 ** 29;
/** Bytes in which it says what it is: its first key does. */
const HEAD = 256;

/** @throws StoreError where it cannot be read, or is none */
export async function readManifest(folder: string): Promise<PublishManifest> {
  const path = join(folder, MANIFEST);
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw new StoreError('ENXIO', path, `${path} is no regular file`);
    if (stats.size > MAX_MANIFEST) throw new StoreError('EFBIG', path, `${path} has more than ${MAX_MANIFEST} bytes`);
    return parseManifest(await readFile(path, 'utf8'), path);
  } catch (error) {
    throw storeError(error, path);
  }
}

function parseManifest(text: string, path: string): PublishManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new StoreError('EBADMSG', path, `${path} is no JSON: ${(error as Error).message}`, error);
  }
  const parsed = PublishManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  const why = `${where}${where === '' ? '' : ': '}${issue?.message ?? ''}`;
  throw new StoreError('EBADMSG', path, `${path} is no manifest: ${why}`);
}

/** A folder that takes a publication may hold one. @throws StoreError where it holds something else under that name */
export async function readManifestIfThere(folder: string): Promise<PublishManifest | undefined> {
  return (await kindAt(join(folder, MANIFEST))) === undefined ? undefined : readManifest(folder);
}

/** Whether a folder was published, by the start of its manifest. @throws StoreError where that cannot be read */
export async function isPublication(folder: string): Promise<boolean> {
  const path = join(folder, MANIFEST);
  if ((await kindAt(path)) !== 'file') return false;
  const head = (await readHead(path, HEAD))?.toString('latin1') ?? '';
  return /^\s*\{/.test(head) && /"composcope"\s*:\s*"publication"/.test(head);
}
