import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SetupError } from '../say.mjs';

/**
 * The reference implementation, which ours is held against.
 *
 * @typedef {object} Reference
 * @property {string} mkcomposefs path of the program
 * @property {string} composefsInfo path of the program
 */

/** Finds the reference tools. @returns {Reference} */
export function findReference() {
  const named = process.env['COMPOSCOPE_REFERENCE'];
  const folders = [
    ...(named ? [join(named, 'bin'), named] : []),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  ];
  const find = (/** @type {string} */ name) =>
    folders.map((folder) => join(folder, name)).find((path) => isExecutable(path));
  const mkcomposefs = find('mkcomposefs');
  const composefsInfo = find('composefs-info');
  if (mkcomposefs === undefined || composefsInfo === undefined) {
    const missing = [mkcomposefs ? [] : 'mkcomposefs', composefsInfo ? [] : 'composefs-info'].flat().join(' and ');
    throw new SetupError(
      `the benchmarks need ${missing} of composefs 1.0.8, not found on PATH` +
        `${named ? ` nor in ${named}` : ''}. Install with: sudo apt-get install composefs (Debian 13, Ubuntu 25.04 and ` +
        'newer); or name a folder that holds them (or a bin/ with them) in COMPOSCOPE_REFERENCE.',
    );
  }
  return { mkcomposefs, composefsInfo };
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
