import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flipBits } from './disk.mjs';
import { dropCaches, must, run } from './system.mjs';
import { sourceOf } from './wounds.mjs';

/** @typedef {import('./wounds.mjs').Case} Case */
/** @typedef {import('./seen.mjs').Seen} Seen */
/** @typedef {import('./system.mjs').Ended} Ended */

/**
 * A file of an image, as the kernel shows it.
 *
 * @typedef {object} FileResult
 * @property {string} path
 * @property {string | undefined} redirect undefined: its content lies in the image
 * @property {number} size that the image says
 * @property {string} kernel what was expected of the kernel
 * @property {Seen} require below a mount with verity=require
 * @property {Seen} without below one without
 */

/**
 * What the kernel and the command line say of a store.
 *
 * @typedef {object} StoreResult
 * @property {string} name
 * @property {FileResult[]} files
 * @property {Ended | undefined} verify `verify`, which believes the kernel's measurements; undefined: there are none
 * @property {Ended} full `verify --full`, which reads
 * @property {Ended} explain `explain` of those that `full` says nothing of, and of those that a measurement cannot tell
 */

/** Compiled code is code that the emulator has to translate anew: without, Node is faster here. */
const AS_IT_IS = ['--no-opt', '--no-maglev', '--no-sparkplug'];

/** Runs our command line. @param {...string} args */
export const composcope = (...args) => run('node', [...AS_IT_IS, '/composcope/build/cli/composcope.mjs', ...args]);

/**
 * Where a store lies.
 *
 * @typedef {object} Place
 * @property {string} name
 * @property {string} folder
 * @property {string} [device] with an ext4 on it that is mounted there
 */

/**
 * Makes an image and its store with the reference tools, wounds the store, mounts it, reads all files, and asks ours.
 *
 * @param {Place} place
 * @param {readonly Case[]} cases
 * @param {import('./seen.mjs').Reader} reader
 * @returns {Promise<StoreResult>}
 */
export async function tryStore(place, cases, reader) {
  const { name, folder } = place;
  const image = join(folder, 'image.cfs');
  const objects = join(folder, 'objects');
  const dump = makeImage(image, objects, cases);
  const objectOf = (/** @type {string} */ path) => join(objects, lineOf(dump, path).redirect ?? '');
  if (place.device !== undefined) {
    const places = cases.flatMap(({ path, size, flip }) =>
      flip === undefined ? [] : [{ path: objectOf(path).slice(folder.length), ...flip(size) }],
    );
    flipBehindSeals(folder, place.device, places);
  }
  for (const item of cases) item.wound?.({ object: objectOf(item.path), content: sourceOf(item), objectOf });

  /** @param {string} option */
  const readAll = async (option) => {
    dropCaches();
    must('mount.composefs', '-o', `basedir=${objects}${option}`, image, '/mnt');
    /** @type {Map<string, Seen>} */
    const seen = new Map();
    for (const item of cases) {
      const { redirect } = lineOf(dump, item.path);
      const object = redirect && join(objects, redirect);
      seen.set(item.path, await reader.read(join('/mnt', item.path), sourceOf(item), object));
    }
    must('umount', '/mnt');
    return seen;
  };
  const store = ['--store', objects, '--json'];
  const require = await readAll(',verity');
  // in between, so that the kernel may speak again
  const verify = place.device === undefined ? undefined : composcope('verify', image, ...store);
  const without = await readAll('');
  const full = composcope('verify', image, '--full', '--no-cache', ...store);
  const paths = cases.flatMap(({ path, flip }) =>
    flip !== undefined || !explained(full.stdout).has(lineOf(dump, path).redirect) ? [`/${path}`] : [],
  );
  return {
    name,
    files: cases.map(({ path, kernel }) => {
      const { redirect, size } = lineOf(dump, path);
      const [withVerity, withoutVerity] = [require.get(path), without.get(path)];
      if (withVerity === undefined || withoutVerity === undefined) throw new Error(`nobody read ${path}`);
      return { path, redirect, size, kernel, require: withVerity, without: withoutVerity };
    }),
    verify,
    full,
    explain: composcope('explain', image, ...paths, ...store),
  };
}

/** Redirects of the failures in what `verify --json` printed. @param {string} json @returns {Set<string | undefined>} */
const explained = (json) =>
  new Set(JSON.parse(json).failures.map((/** @type {{ redirect: string }} */ { redirect }) => redirect));

/** @param {string} image to be made @param {string} objects @param {readonly Case[]} cases @returns the image's dump */
function makeImage(image, objects, cases) {
  const source = '/tmp/source';
  rmSync(source, { recursive: true, force: true });
  for (const item of cases) {
    const path = join(source, item.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, sourceOf(item));
  }
  must('mkcomposefs', `--digest-store=${objects}`, source, '/tmp/first.cfs');
  const first = must('composefs-info', 'dump', '/tmp/first.cfs').split('\n');
  const edits = new Map(cases.map(({ path, edit }) => [`/${path}`, edit]));
  const lines = first.map((line) => {
    const fields = line.split(' ');
    edits.get(fields[0] ?? '')?.(fields);
    return fields.join(' ');
  });
  writeFileSync('/tmp/dump', lines.join('\n'));
  must('mkcomposefs', '--from-file', '/tmp/dump', image);
  return lines;
}

/** @param {readonly string[]} dump @param {string} path without the leading slash */
function lineOf(dump, path) {
  const fields = dump.find((line) => line.startsWith(`/${path} `))?.split(' ') ?? [];
  const payload = fields[8] ?? '-';
  // what lies in the image has its content in the next column
  return { size: Number(fields[1]), redirect: payload === '-' ? undefined : payload };
}

/**
 * Flips bits on the disk below a file system, and makes sure that the kernel asks the disk again.
 *
 * @param {string} folder
 * @param {string} device
 * @param {readonly import('./disk.mjs').Place[]} places
 */
export function flipBehindSeals(folder, device, places) {
  must('umount', folder);
  flipBits(device, places);
  dropCaches();
  must('mount', '-t', 'ext4', device, folder);
}
