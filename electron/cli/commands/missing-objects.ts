import { closeSync, constants, openSync, statSync } from 'node:fs';
import type { Command } from '../context.ts';
import { listObjects } from './objects.ts';

const SLASH = 0x2f;

/**
 * `composefs-info missing-objects`: the objects that are not there below `--basedir`. As there, symlinks are followed, and
 * where there is no folder to look in all objects are missing. (1.0.8 then takes its standard input for the folder.)
 * Beyond it, folders can be given as `--store` too: an object is missing that none of them has.
 */
export const missingObjects: Command = (context, files, options) => {
  const folders = [...(options.basedir === undefined ? [] : [options.basedir]), ...(options.store ?? [])];
  for (const folder of folders) {
    // once, with the error that names it, in place of a million objects that are missing below it
    closeSync(openSync(folder, constants.O_RDONLY | (constants.O_DIRECTORY ?? 0)));
  }
  const prefixes = folders.map((folder) => Buffer.from(`${folder}/`));
  const isMissing = (payload: Uint8Array): boolean => !prefixes.some((prefix) => isThere(prefix, payload));
  listObjects(context, files, options, isMissing);
};

function isThere(prefix: Buffer, payload: Uint8Array): boolean {
  let from = 0;
  while (payload[from] === SLASH) from++;
  if (payload.includes(0)) return false;
  try {
    return statSync(Buffer.concat([prefix, payload.subarray(from)]), { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // ENOTDIR, ELOOP, EACCES: fstatat(2) fails alike
  }
}
