import { describe, expect, test } from 'vitest';
import type { PreflightId } from '../contract/mount-values.ts';
import { isAtLeast, judgePreflight } from './preflight-rules.ts';
import type { PlaceFacts, PreflightFacts } from './preflight-rules.ts';

const place = (change: Partial<PlaceFacts> = {}): PlaceFacts => ({
  path: '/s',
  errno: undefined,
  type: 'ext4',
  source: '/dev/vda1',
  verity: 'sealed',
  ...change,
});

/** A system that lacks nothing. */
const able: PreflightFacts = {
  release: '6.18.44-lts',
  config: new Map([
    ['CONFIG_EROFS_FS_BACKED_BY_FILE', 'y'],
    ['CONFIG_FS_VERITY', 'y'],
  ]),
  filesystems: ['erofs', 'overlay', 'ext4'],
  probe: { erofs: undefined, overlay: undefined, layerOptions: 'descriptors', verity: true, loop: undefined },
  access: { by: 'root', sentence: 'as root' },
  loopControl: true,
  kernelVerity: true,
  stores: [place()],
  images: [place({ path: '/i' })],
  selinux: undefined,
  tools: ['mount.composefs', 'fsverity'],
};

function judged(change: Partial<PreflightFacts>, id: PreflightId) {
  const result = judgePreflight({ ...able, ...change });
  const found = result.checks.find((check) => check.id === id);
  return { verdict: found?.verdict, words: `${found?.finding} ${found?.advice ?? ''}`, ...result };
}

test.each([
  ['6.6', '6.6', true],
  ['6.5.13', '6.6', false],
  ['6.18.44-fc', '6.6', true],
  ['10.0', '6.12', true],
  ['5.15.0-91-generic', '6.5', false],
  ['6.12-rc1', '6.12', true],
  ['', '6.6', false],
])('release %j is %s or newer: %s', (release, version, expected) => {
  expect(isAtLeast(release, version)).toBe(expected);
});

describe('the preflight', () => {
  test('of a system that lacks nothing says yes to all', () => {
    const { checks, canMount, canVerify } = judgePreflight(able);
    expect(checks.filter(({ verdict }) => verdict !== 'yes')).toEqual([]);
    expect([canMount, canVerify]).toEqual([true, true]);
  });

  test('knows what cannot mount', () => {
    const noErofs = { ...able.probe, erofs: 'ENODEV' } as PreflightFacts['probe'];
    const without: readonly (readonly [Partial<PreflightFacts>, PreflightId])[] = [
      [{ filesystems: ['overlay'], config: new Map(), probe: noErofs }, 'erofs'],
      [{ filesystems: ['erofs'], config: new Map(), probe: undefined }, 'overlay'],
      [{ loopControl: false, config: new Map() }, 'image-source'],
      [{ stores: [place({ errno: 'ENOENT' })] }, 'store'],
      [{ images: [place({ errno: 'EACCES' })] }, 'image'],
    ];
    for (const [change, id] of without) {
      expect([id, judged(change, id)]).toMatchObject([id, { verdict: 'no', canMount: false, canVerify: false }]);
    }
  });

  test('knows what mounts, and not with verity=require', () => {
    const { kernelVerity, config } = { kernelVerity: false, config: new Map() };
    expect(judged({ kernelVerity, config }, 'fs-verity')).toMatchObject({
      verdict: 'no',
      canMount: true,
      canVerify: false,
    });
    for (const verity of ['off', 'none'] as const) {
      const result = judged({ stores: [place({ verity })] }, 'store');
      expect(result).toMatchObject({ verdict: 'no', canMount: true, canVerify: false });
    }
    const old = judged({ probe: { ...able.probe, verity: false } as PreflightFacts['probe'] }, 'verity-option');
    expect(old).toMatchObject({ verdict: 'no', canMount: true, canVerify: false });
  });

  test('does not claim what it could not find out', () => {
    const unasked = { probe: undefined, config: undefined, filesystems: [] };
    for (const id of ['erofs', 'overlay'] as const) expect(judged(unasked, id).verdict).toBe('unknown');
    expect(judged({ ...unasked, release: '6.1.0' }, 'verity-option').verdict).toBe('unknown');
    expect(judged({ ...unasked, release: '6.1.0' }, 'data-only').verdict).toBe('unknown');
    expect(judged({ stores: [place({ verity: undefined })] }, 'store').verdict).toBe('unknown');
    expect(
      judged({ probe: undefined, filesystems: ['overlay'], config: new Map([['CONFIG_EROFS_FS', 'm']]) }, 'erofs'),
    ).toMatchObject({ verdict: 'unknown', canMount: true });
  });

  test('says what to do, of this file system', () => {
    const off = (type: string) => judged({ stores: [place({ verity: 'off', type })] }, 'store').words;
    expect(off('ext4')).toContain('tune2fs -O verity /dev/vda1');
    expect(off('f2fs')).toContain('mkfs.f2fs -O verity');
    expect(off('xfs')).toContain('Move the store');
    expect(judged({ stores: [place({ verity: 'able' })] }, 'store').words).toContain('fsverity enable');
    expect(judged({ access: { by: 'command', sentence: 'No agent.' } }, 'privilege').words).toContain(
      'sudo composcope',
    );
  });

  test('speaks to the window and to the command line alike', () => {
    const bare = { kernelVerity: false, config: new Map(), stores: [place({ verity: 'none' })], probe: undefined };
    for (const { advice } of judgePreflight({ ...able, ...bare, release: '5.10' }).checks) {
      expect(advice ?? '').not.toContain('--verity');
    }
  });

  test('each loop device that is taken, and an enforcing SELinux, are told', () => {
    const probe = { ...able.probe, loop: 'EBUSY' } as PreflightFacts['probe'];
    expect(judged({ probe }, 'image-source')).toMatchObject({ verdict: 'unknown', canMount: true });
    expect(judged({ probe }, 'image-source').words).toContain('EBUSY');
    expect(judged({ selinux: 'enforcing' }, 'selinux').verdict).toBe('unknown');
    expect(judged({ selinux: 'permissive' }, 'selinux').verdict).toBe('yes');
  });
});
