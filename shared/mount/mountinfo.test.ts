import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseMountinfo, splitLowerdir, unescapeLayer } from './mountinfo.ts';
import { recogniseMounts } from './recognise-mounts.ts';

describe('a line of mountinfo', () => {
  test('has optional fields, or none', () => {
    const [plain, shared] = parseMountinfo(
      '36 35 98:0 / /mnt rw,noatime - ext3 /dev/root rw,errors=continue\n' +
        '37 35 98:1 /sub /a ro shared:2 master:1 propagate_from:3 - xfs /dev/sdb rw\n',
    );
    expect(plain).toMatchObject({ mountId: 36, parentId: 35, device: '98:0', mountpoint: '/mnt', type: 'ext3' });
    expect(plain?.superOptions).toEqual(['rw', 'errors=continue']);
    expect(shared).toMatchObject({ root: '/sub', mountpoint: '/a', source: '/dev/sdb', options: ['ro'] });
  });

  test('is told in octal where a letter would end it', () => {
    const [line] = parseMountinfo('1 2 0:1 / /a\\040b\\011c\\012d\\134040 rw - fuse.x\\040y #src\\134n rw');
    expect(line).toMatchObject({ mountpoint: '/a b\tc\nd\\040', type: 'fuse.x y', source: '#src\\n' });
  });

  test('that is none is left out; a source may be empty', () => {
    expect(parseMountinfo('\n36 35\ngarbage - - -\n1 2 0:1 / /a rw -\n')).toEqual([]);
    expect(parseMountinfo('1 2 0:1 / /a rw - tmpfs  rw')[0]).toMatchObject({ type: 'tmpfs', source: '' });
    expect(parseMountinfo('1 2 0:1 / /a-b - rw - tmpfs none rw')).toHaveLength(1);
  });

  test.each([
    ['ro,lowerdir=/a\\134\\054b:/c,verity=require', ['ro', 'lowerdir=/a\\,b:/c', 'verity=require']],
    ['lowerdir+=/a\\054b,ro', ['lowerdir+=/a,b', 'ro']],
    ['', []],
    ['a,,b', ['a', 'b']],
    ['upperdir=/x\\134\\134,workdir=/w', ['upperdir=/x\\\\', 'workdir=/w']],
  ])('splits the options %j', (text, expected) => {
    expect(parseMountinfo(`1 2 0:1 / /a rw - overlay o ${text}`)[0]?.superOptions).toEqual(expected);
  });
});

describe('lowerdir', () => {
  test.each([
    ['/a', ['/a'], []],
    ['/a:/b', ['/a', '/b'], []],
    ['/a::/s', ['/a'], ['/s']],
    ['/a:/b::/s::/t', ['/a', '/b'], ['/s', '/t']],
    ['/a\\:b:/c', ['/a:b', '/c'], []],
    ['/a\\\\:/c', ['/a\\', '/c'], []],
    ['/a\\\\\\:b:/c', ['/a\\:b', '/c'], []],
    ['/a\\,b', ['/a,b'], []],
  ])('%j', (text, lower, dataOnly) => expect(splitLowerdir(text)).toEqual({ lower, dataOnly }));

  test('a backslash hides what follows, a newline too', () => expect(unescapeLayer('a\\\nb\\\\c')).toBe('a\nb\\c'));
});

const erofs = '50 1 7:0 / /run/l ro - erofs /dev/loop0 ro\n';
const overlay = (source: string, options: string): string => `51 1 0:9 / /m ro - overlay ${source} ${options}\n`;

describe('composefs mounts among others', () => {
  test.each([
    [
      'mount.composefs',
      overlay('composefs', 'ro,lowerdir=/tmp/.composefs.aB3dE9::/s,verity=require'),
      'mount.composefs',
    ],
    ['ostree', overlay('composefs', 'ro,lowerdir+=/run/ostree/.private/cfsroot-lower,datadir+=/s'), 'ostree'],
    ['composefs-rs', overlay(`composefs:${'ab'.repeat(32)}`, 'ro,lowerdir+=/,datadir+=/s'), 'composefs-rs'],
    ['by data-only layers alone', overlay('overlay', 'ro,lowerdir=/l::/s'), 'mount'],
  ])('of %s', (_, text, maker) => {
    expect(recogniseMounts(parseMountinfo(text))).toMatchObject([{ kind: 'composefs', maker, stores: ['/s'] }]);
  });

  test('an overlay of directories is none; one over EROFS is', () => {
    expect(recogniseMounts(parseMountinfo(overlay('overlay', 'rw,lowerdir=/a:/b,upperdir=/u,workdir=/w')))).toEqual([]);
    const found = recogniseMounts(
      parseMountinfo(erofs + overlay('overlay', 'rw,lowerdir=/run/l:/b,upperdir=/u\\134:v,workdir=/w')),
    );
    expect(found).toMatchObject([
      { kind: 'erofs' },
      { kind: 'overlay', upper: '/u:v', work: '/w', lower: ['/run/l', '/b'] },
    ]);
  });

  test('the name of the image is 64 or 128 hexadecimal digits, and verity= is what it says', () => {
    const name = '0f'.repeat(64);
    const [mount] = recogniseMounts(parseMountinfo(overlay(`composefs:${name}`, 'ro,lowerdir=/l,verity=on')));
    expect(mount).toMatchObject({ imageName: name, verity: 'on' });
    const [other] = recogniseMounts(parseMountinfo(overlay('composefs:abc', 'ro,lowerdir=/l')));
    expect(other).toMatchObject({ imageName: undefined, verity: 'off' });
  });
});

const canMount =
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0;

test.skipIf(!canMount).each(['a b', 'a\tb', 'a\nb', 'a\\b', 'a\\040b', 'a#b', 'ä€', '-', ' - ', 'a,b', 'a:b'])(
  'the kernel’s own line of a mount at %j is read back',
  (name) => {
    const folder = mkdtempSync(join(tmpdir(), 'composcope-mountinfo-'));
    try {
      const at = join(folder, name);
      mkdirSync(at);
      const script = 'mount -t tmpfs "$1" "$1" && cat /proc/self/mountinfo';
      const text = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', at], { encoding: 'utf8' }).stdout;
      expect(parseMountinfo(text).at(-1)).toMatchObject({ mountpoint: at, source: at, type: 'tmpfs' });
      expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
