import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { errnoOf, StoreError, storeError } from '../stores/store-error.ts';

/**
 * Sees that an image can be written to a path, before the long work. Its file is put in place by a rename, which asks the
 * folder alone: what is no file, or is protected, would be gone. What is read is not to be written over, either, nor to
 * get a file of ours into it.
 *
 * @param sources what the image is made of
 * @throws StoreError with the reason
 */
export async function refuseTarget(path: string, sources: readonly string[]): Promise<void> {
  await refuseSources(path, sources);
  const stats = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw storeError(error, path);
  });
  if (stats?.isDirectory() === true) {
    throw new StoreError('EISDIR', path, `${path} is a folder: the image needs the name of a file`);
  }
  if (stats !== undefined && !stats.isFile()) {
    throw new StoreError('EINVAL', path, `${path} is no regular file: an image would take its place`);
  }
  if (stats !== undefined) {
    await access(path, constants.W_OK).catch((error: unknown) => {
      const code = errnoOf(error);
      throw new StoreError(code, path, `${path} is there already, and may not be written to (${code})`, error);
    });
  }
  const folder = dirname(path);
  await access(folder, constants.W_OK | constants.X_OK).catch((error: unknown) => {
    const { code, message } = storeError(error, folder);
    throw new StoreError(code, path, `${path} cannot be written: ${message}`, error);
  });
}

/** A path without symlinks; what is not there yet has none. */
const real = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));

async function refuseSources(path: string, sources: readonly string[]): Promise<void> {
  const target = join(await real(dirname(path)), basename(path));
  const targetFile = await real(path);
  for (const source of sources) {
    const at = await real(source);
    const inside = relative(at, target);
    if (at !== targetFile && (inside === '..' || inside.startsWith('../'))) continue;
    const where = at === targetFile ? 'is what the image is made of' : `lies in ${source}, which the image is made of`;
    throw new StoreError('EINVAL', path, `${path} ${where}: write it somewhere else`);
  }
}
