import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aloneWithMounts } from '../kernel/testing/alone-with-mounts.ts';
import { mountsNow } from '../kernel/mounts-now.ts';
import { Caller } from './caller.ts';
import { findLeftovers } from './leftovers.ts';
import { mount, MountFailed } from './mount.ts';
import { hindrance } from './testing/can-mount.ts';
import { MountLab } from './testing/lab.ts';
import { tracesLeft } from './testing/traces-left.ts';
import { unmount } from './unmount.ts';

aloneWithMounts();

/** Somebody swaps what a path leads to, as fast as they can, while the helper mounts by that path. */

const why = hindrance();
const root = { caller: Caller.root, mode: 'any', tell: () => {} } as const;
const ROUNDS = 300;

/** Puts a symlink in a path's place and takes it away again, without end. */
const swapper = `
  const { renameSync, symlinkSync, unlinkSync } = require('node:fs');
  const [path, away, target] = process.argv.slice(1);
  process.stdout.write('at it');
  for (;;) {
    renameSync(path, away);
    symlinkSync(target, path);
    unlinkSync(path);
    renameSync(away, path);
  }`;

/** @returns how many came to be; the others were refused for what the path was at that moment */
function attempt(request: ReturnType<MountLab['request']>, look: (mountId: number) => void): number {
  let done = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    try {
      const { mountId } = mount(request, root);
      done += 1;
      look(mountId);
    } catch (error) {
      if (!(error instanceof MountFailed)) throw error;
      expect(error.cause).toMatchObject({ reason: expect.stringMatching(/^(?:symlink|missing-path)$/) as unknown });
    }
  }
  return done;
}

describe.skipIf(why !== undefined)(`a path that is swapped${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let lab: MountLab;
  let victim = '';
  let child: ChildProcess | undefined;

  beforeEach(() => {
    lab = new MountLab();
    victim = lab.make('victim');
  });
  afterEach(async () => {
    const gone = new Promise((resolve) => child?.once('exit', resolve));
    child?.kill('SIGKILL');
    await gone;
    lab.close();
  });

  async function swap(path: string, target: string): Promise<void> {
    child = spawn(process.execPath, ['-e', swapper, path, `${path}.away`, target], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await new Promise((resolve) => child?.stdout?.once('data', resolve));
  }

  test('as the mount point: nothing is ever mounted on what the link leads to', { timeout: 120_000 }, async () => {
    const before = tracesLeft();
    await swap(lab.at, victim);
    const done = attempt(lab.request(), (mountId) => {
      expect(mountsNow().filter((line) => line.mountpoint.startsWith(victim))).toEqual([]);
      const at = mountsNow().find((line) => line.mountId === mountId)?.mountpoint ?? '';
      expect(at).toMatch(new RegExp(`^${lab.at}(?:\\.away)?$`));
      // its name may be another by now: by the number it is found
      lab.unmount(at);
    });
    child?.kill('SIGKILL');
    expect(done).toBeLessThan(ROUNDS);
    expect(readdirSync(victim)).toEqual([]);
    for (const { mountpoint } of mountsNow()) if (mountpoint.startsWith(lab.folder)) lab.unmount(mountpoint);
    findLeftovers(); // forgets what others have unmounted
    expect(tracesLeft()).toEqual(before);
  });

  test('as the image: it is the one that was looked at, or none', { timeout: 120_000 }, async () => {
    const other = join(victim, 'other.cfs');
    writeFileSync(other, readFileSync(lab.image).fill(0xff, 1024, 1028)); // no EROFS: a mount of it would fail otherwise
    const before = tracesLeft();
    await swap(lab.image, other);
    const done = attempt(lab.request(), () => {
      expect(readFileSync(join(lab.at, 'etc/fstab'))).toHaveLength(207);
      unmount({ mountpoint: lab.at, lazy: false }, root);
    });
    expect(done).toBeLessThan(ROUNDS);
    expect(tracesLeft()).toEqual(before);
  });

  test('as the store: no object comes from elsewhere', { timeout: 120_000 }, async () => {
    const evil = join(victim, 'objects');
    mkdirSync(evil);
    const before = tracesLeft();
    await swap(lab.store, evil);
    const done = attempt(lab.request(), () => {
      expect(readFileSync(join(lab.at, 'etc/fstab'))).toHaveLength(207);
      unmount({ mountpoint: lab.at, lazy: false }, root);
    });
    expect(done).toBeLessThan(ROUNDS);
    expect(tracesLeft()).toEqual(before);
  });
});
