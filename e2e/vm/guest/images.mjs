import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from './content.mjs';
import { composcope, flipBehindSeals } from './stores.mjs';
import { dropCaches, errnoOf, must, run } from './system.mjs';

/**
 * What came of mounting an image by a digest.
 *
 * @typedef {object} ImageResult
 * @property {string} path
 * @property {string} digest that it was said to have
 * @property {string} kernel what was expected
 * @property {string} outcome `reads`, the errno of reading its folders, or the words of mount.composefs
 */

/**
 * @typedef {object} ImagesResult
 * @property {ImageResult[]} mounts
 * @property {{ digest: string, ended: import('./system.mjs').Ended }[]} verify of all images that a digest was given for
 */

const ZEROS = '0'.repeat(64);

/**
 * Mounts images by a digest, and asks ours about the same.
 *
 * @param {{ folder: string, device: string }} place ext4 with fs-verity, mounted
 * @returns {ImagesResult}
 */
export function tryImages({ folder, device }) {
  const source = '/tmp/image-source';
  mkdirSync(source, { recursive: true });
  writeFileSync(join(source, 'file'), contentOf('file', 10_000));
  // folders of more than a block, so that some lie far behind the superblock
  for (let index = 0; index < 400; index++) mkdirSync(join(source, `folder-${String(index).padStart(4, '0')}`));
  const objects = join(folder, 'few');
  const image = (/** @type {string} */ name) => join(folder, `${name}.cfs`);
  must('mkcomposefs', `--digest-store=${objects}`, source, image('unsealed'));
  const names = ['sealed', 'first-block', 'last-block', 'other-seal', 'altered'];
  for (const name of names) copyFileSync(image('unsealed'), image(name));
  writeFileSync(image('altered'), 'x', { flag: 'a' });
  for (const name of ['sealed', 'first-block', 'last-block', 'altered']) must('fsverity', 'enable', image(name));
  must('fsverity', 'enable', '--hash-alg=sha512', image('other-seal'));
  const digest = /sha256:(\w+)/.exec(must('fsverity', 'measure', image('sealed')))?.[1] ?? '';
  const lastBlock = Math.ceil(statSync(image('sealed')).size / 4096) - 1;
  flipBehindSeals(folder, device, [
    { path: '/first-block.cfs', block: 0, byte: 1100 },
    { path: '/last-block.cfs', block: lastBlock, byte: 10 },
  ]);

  /** @param {string} name @param {string} given @param {string} kernel @returns {ImageResult} */
  const attempt = (name, given, kernel) => {
    dropCaches();
    const mounted = run('mount.composefs', ['-o', `basedir=${objects},digest=${given}`, image(name), '/mnt']);
    const outcome = mounted.status === 0 ? folderOutcome('/mnt') : mounted.stderr.trim();
    if (mounted.status === 0) must('umount', '/mnt');
    return { path: image(name), digest: given, kernel, outcome };
  };
  const mounts = [
    attempt('sealed', digest, 'reads'),
    attempt('altered', digest, 'Image has wrong fs-verity'),
    attempt('unsealed', digest, 'Image has no fs-verity'),
    attempt('other-seal', digest, 'Image has wrong fs-verity'),
    attempt('first-block', digest, 'Input/output error'),
    attempt('last-block', digest, 'EIO'),
    attempt('sealed', ZEROS, 'Image has wrong fs-verity'),
    attempt('sealed', digest.replace(/^./, 'z'), 'Invalid argument'),
  ];
  const verify = [...new Set(mounts.map((mount) => mount.digest))].map((given) => {
    const images = mounts.flatMap((mount) => (mount.digest === given ? [mount.path] : []));
    return { digest: given, ended: composcope('verify', ...images, '--store', objects, '--digest', given, '--json') };
  });
  return { mounts, verify };
}

/** @param {string} folder */
function folderOutcome(folder) {
  try {
    readdirSync(folder, { recursive: true });
    return 'reads';
  } catch (error) {
    return errnoOf(error);
  }
}
