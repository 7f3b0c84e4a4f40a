import { mkdirSync } from 'node:fs';
import { release } from 'node:os';
import { tryCreate } from './created.mjs';
import { tryImages } from './images.mjs';
import { tryMounts } from './mounts.mjs';
import { Reader } from './seen.mjs';
import { tryStore } from './stores.mjs';
import { must } from './system.mjs';
import { wounds, woundsWithoutVerity } from './wounds.mjs';

/**
 * What was seen in a guest.
 *
 * @typedef {object} Results
 * @property {string} kernel its release
 * @property {import('./stores.mjs').StoreResult[]} stores
 * @property {import('./images.mjs').ImagesResult[]} images
 * @property {import('./created.mjs').CreatedResult[]} created
 * @property {import('./mounts.mjs').MountResult[]} mounts
 */

const reader = new Reader();
for (const folder of ['/verity', '/plain', '/memory']) mkdirSync(folder);
must('mke2fs', '-q', '-t', 'ext4', '-b', '4096', '-O', 'verity', '/dev/vda');
must('mke2fs', '-q', '-t', 'ext4', '-b', '4096', '/dev/vdb');
must('mount', '-t', 'ext4', '/dev/vda', '/verity');
must('mount', '-t', 'ext4', '/dev/vdb', '/plain');
must('mount', '-t', 'tmpfs', 'tmpfs', '/memory');
const verity = { name: 'ext4', folder: '/verity', device: '/dev/vda' };

/** What there is to try, cut in two so that two machines can. @type {Record<string, () => Promise<Omit<Results, 'kernel'>>>} */
const parts = {
  sealed: async () => ({ stores: [await tryStore(verity, wounds, reader)], images: [], created: [], mounts: [] }),
  others: async () => ({
    stores: [
      await tryStore({ name: 'ext4 without fs-verity', folder: '/plain' }, woundsWithoutVerity, reader),
      await tryStore({ name: 'tmpfs', folder: '/memory' }, woundsWithoutVerity, reader),
    ],
    images: [tryImages(verity)],
    created: [await tryCreate(verity, reader)],
    mounts: tryMounts(verity.folder, '/plain'),
  }),
};
const part = parts[process.env['PART'] ?? ''];
if (part === undefined) throw new Error(`PART is one of ${Object.keys(parts).join(', ')}`);
process.stdout.write(JSON.stringify({ kernel: release(), ...(await part()) }));
