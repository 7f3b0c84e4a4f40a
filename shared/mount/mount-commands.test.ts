import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { MountPlan } from '../contract/mount-values.ts';
import { mountCommands, shellWord } from './mount-commands.ts';

const demo = fileURLToPath(new URL('../../assets/demo/', import.meta.url));
const DIGEST = 'ab'.repeat(32);

const planOf = (change: Partial<MountPlan> = {}): MountPlan => ({
  kind: 'overlay',
  layers: [{ type: 'image', path: '/i.cfs' }],
  stores: ['/s'],
  verity: 'off',
  at: { directory: '/at' },
  allow: { suid: false, dev: false, exec: true },
  ...change,
});
const commands = (change?: Partial<MountPlan>) => mountCommands(planOf(change), [true, true, true], '/run/own');

describe('the command of ours', () => {
  test('has a digest for each layer of a stack, as the command line takes it', () => {
    const layers = [
      { type: 'image', path: '/a', digest: DIGEST },
      { type: 'directory', path: '/b' },
      { type: 'image', path: '/c', digest: DIGEST },
    ] as const;
    expect(commands({ layers }).composcope).toBe(
      `sudo composcope mount /a /b /c /at --store /s --digest ${DIGEST},-,${DIGEST} --verity off`,
    );
    expect(commands().composcope).not.toContain('--digest');
  });

  test('names a folder of our own, and what is allowed', () => {
    const at = { name: 'x' };
    const allow = { suid: true, dev: true, exec: false };
    expect(commands({ at, allow }).composcope).toBe(
      'sudo composcope mount /i.cfs --own-folder x --store /s --verity off --suid --dev --no-exec',
    );
    expect(commands({ kind: 'erofs', stores: [] }).composcope).toBe('sudo composcope mount /i.cfs /at --plain');
  });
});

describe('mount.composefs', () => {
  test.each([
    ['alone', { kind: 'erofs', stores: [] }, 'it mounts no image alone'],
    ['of directories', { layers: [{ type: 'directory', path: '/d' }] }, 'it takes one image, not a stack'],
    ['without a store', { stores: [] }, 'it needs a store'],
    ['of a store with a colon', { stores: ['/a:b'] }, 'a colon in its path'],
  ] as const)('cannot do a mount %s, and that is said', (_, change, why) => {
    const { mountComposefs, notes } = commands(change);
    expect(mountComposefs).toBeUndefined();
    expect(notes[0]).toContain(why);
  });

  test('is given what it would be typed', () => {
    const layers = [{ type: 'image', path: '/i', digest: DIGEST }] as const;
    expect(commands({ layers, stores: ['/a,b', '/c'], verity: 'require' }).mountComposefs).toBe(
      `mount.composefs -o 'basedir=/a\\,b:/c,digest=${DIGEST},verity,ro' /i /at`,
    );
  });
});

test.each(['plain', 'a b', "it's", '$(x)', '`x`', 'a\nb', '', '"', '\\', '*', '~', '!'])(
  'a shell reads the word %j back',
  (word) => {
    expect(spawnSync('sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' }).stdout).toBe(word);
  },
);

const canMount =
  process.platform === 'linux' &&
  process.getuid?.() === 0 &&
  ['erofs', 'overlay'].every((type) => readFileSync('/proc/filesystems', 'utf8').includes(`\t${type}\n`)) &&
  spawnSync('unshare', ['-m', 'true']).status === 0;

/** In a namespace of its own: whatever becomes of it, nothing is left mounted. */
function run(plan: MountPlan, look: string): string {
  const { mount, umount } = mountCommands(plan, [true, true], '');
  const script = ['set -e', ...mount, look, ...umount, 'ls -d /run/erofs-* 2>/dev/null || true'].join('\n');
  const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout;
}

describe.skipIf(!canMount)('mount(8), run as it is printed', () => {
  test('takes no path with a quotation mark, which is said', () => {
    expect(commands({ stores: ['/a"b'] }).notes.join()).toContain('mount takes no option with a quotation mark');
    expect(commands().notes.join()).not.toContain('quotation');
  });

  test.each(['plain', 'a b', 'a,b', 'a:b', 'a\\b', 'a\\,b:c', "a'b", '$x', 'a=b', 'ä€', '#x', '%s'])(
    'mounts where paths have %j, and leaves no folder',
    (name) => {
      const folder = mkdtempSync(join(tmpdir(), 'composcope-commands-'));
      try {
        const [image, store, at] = ['i.cfs', 's', 'at'].map((part) => join(folder, `${name}-${part}`));
        if (image === undefined || store === undefined || at === undefined) throw new Error('three');
        copyFileSync(join(demo, 'demo.cfs'), image);
        cpSync(join(demo, 'objects'), store, { recursive: true });
        const upper = join(folder, `${name}-upper`);
        const work = join(folder, `${name}-work`);
        for (const path of [at, upper, work]) mkdirSync(path);
        const layers = [{ type: 'image', path: image }] as const;
        const plan = planOf({ layers, stores: [store], at: { directory: at } });
        const fstab = run(plan, `cat ${shellWord(`${at}/etc/fstab`)}`);
        expect(fstab).toHaveLength(207);
        expect(run({ ...plan, kind: 'erofs', stores: [] }, `ls ${shellWord(at)}`)).toContain('etc\n');
        run({ ...plan, writable: { upper, work } }, `echo new >${shellWord(`${at}/etc/fstab`)}`);
        expect(readFileSync(join(upper, 'etc/fstab'), 'utf8')).toBe('new\n');
        expect(existsSync(join(at, 'etc'))).toBe(false);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
