import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../paths.mjs';
import { run } from '../run.mjs';
import { say, SetupError } from '../say.mjs';

/** To be raised with each change to the tree below: images of another shape are not to be compared. */
const SHAPE = 1;

/**
 * @typedef {object} BenchImage
 * @property {number} entries that the dump has, root included
 * @property {string} dump path of the dump file
 * @property {string} path of the image
 * @property {number} bytes of the image
 */

/**
 * The image with so many entries, made by mkcomposefs from a dump file, both kept in the cache.
 *
 * @param {number} entries
 * @param {import('./reference.mjs').Reference} reference
 * @returns {Promise<BenchImage>}
 */
export function ensureImage(entries, reference) {
  return ensure(entries, `tree-${SHAPE}-${entries}`, () => treeLines(entries), reference);
}

/**
 * The same image, one file of a hundred with other content, one of a thousand under another name.
 *
 * @param {BenchImage} image
 * @param {import('./reference.mjs').Reference} reference
 */
export function ensureChanged({ entries }, reference) {
  return ensure(entries, `changed-${SHAPE}-${entries}`, () => changedLines(treeLines(entries)), reference);
}

/** @param {Iterable<string>} lines @returns {Generator<string, void, void>} */
function* changedLines(lines) {
  let files = 0;
  for (const line of lines) {
    const fields = line.split(' ');
    const [path = '', , mode = '', nlink] = fields;
    const digest = fields[10] ?? '-';
    if (mode.startsWith('100') && nlink === '1' && digest.length === 64) {
      files += 1;
      if (files % 1000 === 500) fields[0] = `${path}.renamed`;
      else if (files % 100 === 7) fields[10] = (digest.startsWith('0') ? 'f' : '0') + digest.slice(1);
    }
    yield fields.join(' ');
  }
}

/**
 * @param {number} entries
 * @param {string} title
 * @param {() => Iterable<string>} lines
 * @param {import('./reference.mjs').Reference} reference
 * @returns {Promise<BenchImage>}
 */
async function ensure(entries, title, lines, { mkcomposefs }) {
  const folder = join(cacheFolder, 'bench');
  mkdirSync(folder, { recursive: true });
  const name = join(folder, title);
  const dump = `${name}.dump`;
  const path = `${name}.cfs`;
  if (!existsSync(dump)) {
    say(`writing a dump of ${entries.toLocaleString('en-US')} entries (once)`);
    await whole(dump, (file) => writeLines(file, lines()));
  }
  if (!existsSync(path)) {
    say(`making an image of it with mkcomposefs (once)`);
    await whole(path, async (file) => {
      const status = await run(mkcomposefs, ['--from-file', dump, file], { stdio: ['ignore', 'ignore', 2] });
      if (status !== 0) throw new SetupError(`mkcomposefs could not make an image of ${dump}`);
    });
  }
  return { entries, dump, path, bytes: statSync(path).size };
}

/** Has a file under its name only when it is whole. @param {string} path @param {(file: string) => Promise<void>} write */
async function whole(path, write) {
  const unfinished = `${path}.${process.pid}`;
  try {
    await write(unfinished);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** @param {string} path @param {Iterable<string>} lines */
async function writeLines(path, lines) {
  const out = createWriteStream(path);
  let text = '';
  const flush = async () => {
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  };
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length > 1 << 20) await flush();
  }
  await flush();
  out.end();
  await once(out, 'finish');
}

const WORDS =
  'archive audio backend base buffer cache client codec common config core crypto data device driver event filter font format graph image index input kernel library linker locale logger manager memory module network object options parser plugin policy process profile proxy query reader render schema server session signal socket source status stream string style system table theme thread token update utils vector version video widget window writer'.split(
    ' ',
  );
/** Suffix, and the directories of a distribution that such files are in, with their label. */
const KINDS = /** @type {const} */ ([
  { suffix: '.so', top: 'usr/lib64', label: 'lib_t', mode: '100755' },
  { suffix: '.py', top: 'usr/lib/python3.12/site-packages', label: 'lib_t', mode: '100644' },
  { suffix: '.h', top: 'usr/include', label: 'usr_t', mode: '100644' },
  { suffix: '.mo', top: 'usr/share/locale', label: 'locale_t', mode: '100644' },
  { suffix: '.svg', top: 'usr/share/icons', label: 'usr_t', mode: '100644' },
  { suffix: '.ko.xz', top: 'usr/lib/modules/6.12.0-1.x86_64', label: 'modules_object_t', mode: '100644' },
  { suffix: '.conf', top: 'etc', label: 'etc_t', mode: '100644' },
  { suffix: '.js', top: 'opt/app/node_modules', label: 'usr_t', mode: '100644' },
]);
const MTIME = 1_700_000_000;

/**
 * A tree in the dump format (composefs-dump(5)), the same at each call: directories of 2 to about 100 entries, some of 2000, five levels deep and more; four of five entries are files with an object, some of which are the same; then symlinks, small
 * files in the image itself, hard links.
 *
 * @param {number} entries how many lines
 * @returns {Generator<string, void, void>}
 */
export function* treeLines(entries) {
  const random = seeded(entries);
  const below = (/** @type {number} */ limit) => Math.floor(random() * limit);
  const word = () => WORDS[below(WORDS.length)] ?? '';
  let left = entries;
  /** @type {Set<string>} */
  const made = new Set();
  /** @param {string} path @param {string} label */
  function* directories(path, label) {
    for (let at = 1; at !== 0 && left > 0;) {
      at = path.indexOf('/', at + 1) + 1;
      const parent = at === 0 ? path : path.slice(0, at - 1);
      if (made.has(parent)) continue;
      made.add(parent);
      left -= 1;
      yield `${parent} 0 40755 2 0 0 0 ${MTIME + below(1e6)}.0 - - - ${selinux(label)}`;
    }
  }
  made.add('');
  left -= 1;
  yield `/ 0 40755 2 0 0 0 ${MTIME}.0 - - - ${selinux('root_t')}`;
  for (let directory = 0; left > 0; directory += 1) {
    const { suffix, top, label, mode } = KINDS[directory % KINDS.length] ?? KINDS[0];
    const deeper = Array.from({ length: below(3) }, word);
    const folder = ['', top, `${word()}-${directory.toString(36)}`, ...deeper].join('/');
    yield* directories(folder, label);
    const files = directory % 200 === 7 ? 2000 : 2 + below(below(100) + 1);
    for (let file = 0; file < files && left > 0; file += 1) {
      const path = `${folder}/${word()}_${word()}-${file.toString(36)}${suffix}`;
      const kind = random();
      const owner = kind < 0.02 ? '1000 1000' : '0 0';
      const time = `${MTIME + below(1e6)}.${kind < 0.1 ? below(1e9) : 0}`;
      left -= 1;
      if (kind > 0.92) {
        const target = `../${word()}/${word()}${suffix}`;
        yield `${path} ${target.length} 120777 1 ${owner} 0 ${time} ${target} - - ${selinux(label)}`;
      } else if (kind > 0.88) {
        const content = `${word()}=${word()}`;
        yield `${path} ${content.length} ${mode} 1 ${owner} 0 ${time} - ${content} - ${selinux(label)}`;
      } else {
        // every twentieth file has the content of another one, every hundredth is there under two names
        const content = below(20) === 0 ? below(1000) : 1000 + entries - left;
        const digest = createHash('sha256').update(`${content}`).digest('hex');
        const redirect = `${digest.slice(0, 2)}/${digest.slice(2)}`;
        const size = 65 + ((content * 7919) % 900_001);
        const links = left > 0 && below(100) === 0 ? 2 : 1;
        yield `${path} ${size} ${mode} ${links} ${owner} 0 ${time} ${redirect} - ${digest} ${selinux(label)}`;
        if (links === 1) continue;
        left -= 1;
        yield `${path}.1 0 @${mode} 1 0 0 0 0.0 ${path} - -`;
      }
    }
  }
}

/** @param {string} type */
const selinux = (type) => `security.selinux=system_u:object_r:${type}:s0\\x00`;

/** Mulberry32: numbers from 0 up to 1, the same for the same seed. @param {number} seed */
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
