import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { aloneWithMounts } from '../kernel/testing/alone-with-mounts.ts';
import { leftoversNow } from '../kernel/mount-records.ts';
import { clear, findLeftovers, leftoverOf } from './leftovers.ts';
import { Caller } from './caller.ts';
import { manners } from './mount-overlay.ts';
import { mount } from './mount.ts';
import { bundled } from './testing/bundled.ts';
import { hindrance } from './testing/can-mount.ts';
import { MountLab } from './testing/lab.ts';
import { tracesLeft } from './testing/traces-left.ts';
import { unmount } from './unmount.ts';

aloneWithMounts();

const why = hindrance();
const root = { caller: Caller.root, mode: 'any', tell: () => {} } as const;

describe.skipIf(why !== undefined)(`what outlives the helper${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let script = '';
  beforeAll(async () => {
    script = await bundled('testing/die-at-step.ts');
  });

  // in each manner that a kernel may know; the older ones attach the layers somewhere for a moment
  test.each([0, 1, 2, 3])(
    'killed behind each step, in manner %i, the next start clears all',
    { timeout: 120_000 },
    (skipped) => {
      findLeftovers();
      const before = tracesLeft();
      const lab = new MountLab();
      try {
        const request = JSON.stringify(lab.request({ at: { name: 'killed' } }));
        for (let step = 1; ; step += 1) {
          const { signal } = spawnSync(process.execPath, [
            script,
            String(step),
            request,
            JSON.stringify(manners.slice(skipped)),
          ]);
          const offered = findLeftovers();
          expect(offered).toEqual(leftoversNow());
          for (const { id } of offered) {
            const record = leftoverOf(id);
            if (record !== undefined) clear(record);
          }
          if (signal === null) {
            expect(step).toBeGreaterThan(15);
            unmount({ mountpoint: '/run/composcope/mnt/0/killed', lazy: false }, root);
          }
          expect([step, ...tracesLeft()]).toEqual([step, ...before]);
          if (signal === null) break;
        }
      } finally {
        lab.close();
      }
    },
  );

  test('200 mounts and unmounts in a row leave nothing', { timeout: 120_000 }, () => {
    findLeftovers();
    const before = tracesLeft();
    const descriptors = readdirSync('/proc/self/fd').length;
    const lab = new MountLab();
    try {
      for (let count = 0; count < 200; count += 1) {
        mount(lab.request(), root);
        expect(readFileSync(join(lab.at, 'etc/fstab')).length).toBe(207);
        unmount({ mountpoint: lab.at, lazy: false }, root);
      }
      expect(tracesLeft()).toEqual(before);
      expect(readdirSync('/proc/self/fd').length).toBeLessThan(descriptors + 10);
    } finally {
      lab.close();
    }
  });
});
