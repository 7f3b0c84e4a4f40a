import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../../electron/setup/paths.mjs';
import { EXECUTABLE } from './cpio.mjs';

/** What of the project runs in the guest, where it lies as in the checkout. */
const PARTS = [
  'package.json',
  'build/cli',
  'build/engine',
  'build/helper',
  'node_modules/koffi',
  'node_modules/@koromix/koffi-linux-x64',
  'e2e/vm/guest',
];

/** The files of the project for the guest: those of this moment. @returns {Generator<import('./cpio.mjs').Member>} */
export function* guestFiles() {
  yield { path: 'init', mode: EXECUTABLE, content: readFileSync(inRoot('e2e/vm/guest/init')) };
  for (const part of PARTS) yield* membersOf(part);
}

/** @param {string} part path below the checkout @returns {Generator<import('./cpio.mjs').Member>} */
function* membersOf(part) {
  const entries = readdirIfFolder(part);
  if (entries === undefined) {
    yield { path: `composcope/${part}`, mode: EXECUTABLE, content: readFileSync(inRoot(part)) };
    return;
  }
  for (const entry of entries) if (!entry.endsWith('.map')) yield* membersOf(join(part, entry));
}

/** @param {string} part */
function readdirIfFolder(part) {
  try {
    return readdirSync(inRoot(part));
  } catch {
    return undefined;
  }
}
