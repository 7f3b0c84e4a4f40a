import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { MountPlan } from '../../shared/contract/mount-values.ts';
import { mountCommands, shellWord } from '../../shared/mount/mount-commands.ts';
import { aloneWithMounts } from '../kernel/testing/alone-with-mounts.ts';
import { hindrance } from './testing/can-mount.ts';
import { MountLab } from './testing/lab.ts';

/** The commands that are given to be copied, run by a shell as they are. */

const why = hindrance();
aloneWithMounts();

/** In a namespace of its own: whatever becomes of it, nothing is left mounted. @returns what `look` prints */
function run(plan: MountPlan, look: string): string {
  const { mount, umount } = mountCommands(plan, [true, true], '');
  const script = ['set -e', ...mount, look, ...umount].join('\n');
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(existsSync('/run/erofs-1')).toBe(false);
  return stdout;
}

describe.skipIf(why !== undefined)(`mount(8)${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  test.each(['plain', 'a b', 'a,b', 'a:b', 'a\\b', 'a\\,b:c', "a'b", '$x', 'a=b', 'ä€', '#x', '%s'])(
    'mounts where paths have %j, and leaves no folder',
    (name) => {
      const lab = new MountLab();
      try {
        const [image, store, at] = [
          join(lab.folder, `${name}.cfs`),
          join(lab.folder, `${name}-s`),
          lab.make(`${name}-at`),
        ];
        renameSync(lab.image, image);
        renameSync(lab.store, store);
        const [upper, work] = [lab.make(`${name}-upper`), lab.make(`${name}-work`)];
        const layers = [{ type: 'image', path: image }] as const;
        const plan = lab.plan({ layers, stores: [store], at: { directory: at } });
        expect(run(plan, `cat ${shellWord(`${at}/etc/fstab`)}`)).toHaveLength(207);
        expect(run({ ...plan, kind: 'erofs', stores: [] }, `ls ${shellWord(at)}`)).toContain('etc\n');
        run({ ...plan, writable: { upper, work } }, `echo new >${shellWord(`${at}/etc/fstab`)}`);
        expect(readFileSync(join(upper, 'etc/fstab'), 'utf8')).toBe('new\n');
      } finally {
        lab.close();
      }
    },
  );
});
