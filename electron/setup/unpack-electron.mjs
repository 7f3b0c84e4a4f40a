// Takes an Electron out of the zip of an app that was built with it: node unpack-electron.mjs ZIP FOLDER
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';

const [, , file = '', folder = ''] = process.argv;
const TOP = 'Cypress/';
/** The other app itself, and a start-up snapshot of it. */
const LEFT_OUT = [`${TOP}resources/app/`, `${TOP}browser_v8_context_snapshot.bin`];

const zip = await yauzl.openPromise(file);
for await (const entry of zip.eachEntry()) {
  const name = entry.fileName;
  if (!name.startsWith(TOP) || name.endsWith('/') || LEFT_OUT.some((left) => name.startsWith(left))) continue;
  const path = join(folder, name.slice(TOP.length));
  mkdirSync(dirname(path), { recursive: true });
  const mode = (entry.externalFileAttributes >>> 16) & 0o777;
  await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { mode: mode || 0o644 }));
}
