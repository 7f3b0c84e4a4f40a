import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readXattrs } from '../layers/xattr-calls.ts';

/** Names in the root of a Linux system (hier(7)): a folder that has one of them is a root, or what was changed in one. */
const rootNames: ReadonlySet<string> = new Set(['bin', 'etc', 'lib', 'opt', 'root', 'sbin', 'srv', 'usr', 'var']);
/** A folder is looked at no further: who drops his home is not to wait. */
const MAX_ENTRIES = 10_000;

/** Whether a folder is likely meant as a layer: a root file system, or an overlay's upper directory. */
export async function looksLikeLayer(path: string): Promise<boolean> {
  const names = await readdir(path).catch(() => []); // that it cannot be read, who opens it says
  if (names.some((name) => rootNames.has(name))) return true;
  for (const name of names.slice(0, MAX_ENTRIES)) {
    const at = join(path, name);
    const stats = await lstat(at).catch(() => undefined);
    if (stats?.isCharacterDevice() === true && stats.rdev === 0) return true;
    if (stats?.isDirectory() === true && isOfOverlay(at)) return true;
  }
  return isOfOverlay(path);
}

const isOfOverlay = (path: string): boolean => {
  try {
    return readXattrs(Buffer.from(path)).some(({ name }) =>
      /^(?:trusted|user)\.overlay\./.test(Buffer.from(name).toString('latin1')),
    );
  } catch {
    return false; // no file system with attributes, or none that this process may read
  }
};
