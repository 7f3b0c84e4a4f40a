import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { MountPlan } from '../contract/mount-values.ts';
import { mountCommands, shellWord } from './mount-commands.ts';

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

test('mount(8) takes no path with a quotation mark, which is said', () => {
  expect(commands({ stores: ['/a"b'] }).notes.join()).toContain('mount takes no option with a quotation mark');
  expect(commands().notes.join()).not.toContain('quotation');
});
