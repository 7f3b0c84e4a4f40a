import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from './content.mjs';
import { composcope } from './stores.mjs';
import { dropCaches, errnoOf, must } from './system.mjs';

/**
 * What came of a mount by ours.
 *
 * @typedef {object} MountResult
 * @property {string} name
 * @property {string} expected what is seen of the file (`reads`, errno of open), or the cause of the failure
 * @property {string | undefined} says what the kernel, or the helper, is to have said
 * @property {import('./system.mjs').Ended} ended of `composcope mount --json`
 * @property {string | undefined} seen of the file; undefined: it is not mounted
 * @property {readonly string[]} left what is there afterwards that was not before
 */

const ZEROS = '0'.repeat(64);
const SIZE = 50_000;

/**
 * Mounts images by our helper, under fs-verity that the kernel enforces: what is right, and what fails in each way.
 *
 * @param {string} folder on ext4 with fs-verity, in which tryImages left its images
 * @param {string} plain on ext4 without
 * @returns {MountResult[]}
 */
export function tryMounts(folder, plain) {
  const source = '/tmp/mount-source';
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'file'), contentOf('mounted', SIZE));
  const image = (/** @type {string} */ name) => join(folder, `mount-${name}.cfs`);
  const objects = join(folder, 'mount-objects');
  must('mkcomposefs', `--digest-store=${objects}`, source, image('sealed'));
  for (const name of ['altered', 'wounded', 'other-seal', 'unsealed']) cpSync(image('sealed'), image(name));
  writeFileSync(image('altered'), 'x', { flag: 'a' });
  for (const name of ['sealed', 'altered']) must('fsverity', 'enable', image(name));
  must('fsverity', 'enable', '--hash-alg=sha512', image('other-seal'));
  const digest = /sha256:(\w+)/.exec(must('fsverity', 'measure', image('sealed')))?.[1] ?? '';
  const damaged = /sha256:(\w+)/.exec(must('fsverity', 'measure', join(folder, 'first-block.cfs')))?.[1] ?? '';
  const unsealed = join(plain, 'mount-objects');
  cpSync(objects, unsealed, { recursive: true });
  writeFileSync(image('text'), 'no image'.repeat(1000));
  const wounded = readFileSync(image('wounded'));
  wounded.writeUInt16LE(0xff_ff, 1024 + 14); // root_nid of the superblock
  writeFileSync(image('wounded'), wounded);
  for (const name of ['a', 'b', 'm1', 'm2', 'upper']) mkdirSync(join('/memory', name));
  must('mount', '-t', 'overlay', 'overlay', '-o', `lowerdir=${objects}:/memory/a`, '/memory/m1');
  must('mount', '-t', 'overlay', 'overlay', '-o', 'lowerdir=/memory/m1:/memory/b', '/memory/m2');
  mkdirSync(join(plain, 'work'));

  const require = ['--verity', 'require'];
  const stored = ['--store', objects];
  return [
    attempt('sealed, by its digest', 'reads', [image('sealed'), ...stored, '--digest', digest, ...require], '"kernel"'),
    attempt('unsealed, by its digest', 'reads', [image('unsealed'), ...stored, '--digest', digest], '"computed"'),
    attempt('without a digest', 'reads', [image('sealed'), ...stored, ...require]),
    attempt('alone, by its digest', 'other bytes', [image('sealed'), '--plain', '--digest', digest], '"kernel"'),
    attempt('another digest', 'digest-mismatch', [image('sealed'), ...stored, '--digest', ZEROS], digest),
    attempt('another image', 'digest-mismatch', [image('altered'), ...stored, '--digest', digest], digest),
    attempt('another algorithm', 'digest-mismatch', [image('other-seal'), ...stored, '--digest', digest], digest),
    attempt(
      'damaged under its seal',
      'damaged-seal',
      [join(folder, 'first-block.cfs'), ...stored, '--digest', damaged],
      'FILE CORRUPTED',
    ),
    attempt('unsealed objects', 'EIO', [image('sealed'), '--store', unsealed, '--digest', digest]),
    attempt('unsealed objects, not required', 'reads', [image('sealed'), '--store', unsealed, '--verity', 'off']),
    attempt('a text', 'not-erofs', [image('text'), ...stored], 'cannot find valid erofs superblock'),
    attempt('a root that is nowhere', 'corrupt-image', [image('wounded'), ...stored], 'erofs'),
    attempt('a store twice', 'layers-overlap', [image('sealed'), ...stored, ...stored], 'conflicting lowerdir path'),
    attempt('a store below two overlays', 'too-deep', [image('sealed'), '--store', '/memory/m2'], 'stacking depth'),
    attempt(
      'upper and work apart',
      'upper-unfit',
      [image('sealed'), ...stored, '--upper', '/memory/upper', '--work', join(plain, 'work')],
      'workdir and upperdir must reside under the same mount',
    ),
  ];
}

/**
 * @param {string} name
 * @param {string} expected
 * @param {readonly string[]} words
 * @param {string} [says]
 * @returns {MountResult}
 */
function attempt(name, expected, words, says) {
  dropCaches();
  const before = traces();
  const [layer = '', ...options] = words;
  const ended = composcope('mount', layer, '/mnt', ...options, '--json');
  const seen = ended.status === 0 ? readOutcome('/mnt/file') : undefined;
  if (ended.status === 0) {
    const { status, stderr } = composcope('umount', '/mnt');
    if (status !== 0) throw new Error(`umount: ${stderr}`);
  }
  return { name, expected, says, ended, seen, left: traces().filter((trace) => !before.includes(trace)) };
}

/** @param {string} path */
function readOutcome(path) {
  try {
    return readFileSync(path).equals(contentOf('mounted', SIZE)) ? 'reads' : 'other bytes';
  } catch (error) {
    return errnoOf(error);
  }
}

/** Mounts, loop devices that hold a file, and what lies in our folder below /run. */
function traces() {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  const loops = readdirSync('/sys/block').filter((name) => {
    try {
      return readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8') !== '';
    } catch {
      return false;
    }
  });
  const ours = ['journal', 'lower', 'mnt/0'].flatMap((name) => {
    try {
      return readdirSync(`/run/composcope/${name}`);
    } catch {
      return [];
    }
  });
  return [...mounts, ...loops, ...ours];
}
