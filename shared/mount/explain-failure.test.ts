import { describe, expect, test } from 'vitest';
import type { MountPlan, MountStep } from '../contract/mount-values.ts';
import { explainMountFailure } from './explain-failure.ts';

const plan: MountPlan = {
  kind: 'overlay',
  layers: [{ type: 'image', path: '/i.cfs' }],
  stores: ['/s'],
  verity: 'off',
  at: { directory: '/at' },
  allow: { suid: false, dev: false, exec: true },
};

/** A mount whose last step failed. */
function explained(call: string, detail: string, errno: string, ...log: readonly string[]) {
  const step: MountStep = { number: 3, call, detail, outcome: 'failed', errno, log };
  return explainMountFailure({
    plan,
    steps: [step],
    errno,
    reason: undefined,
    message: `${call}: ${errno}`,
    path: undefined,
  });
}

describe('what the kernel said', () => {
  // lines of Linux 6.12 and 6.18, as they were seen
  test.each([
    ['erofs: (device erofs): erofs_read_superblock: cannot find valid erofs superblock', 'EINVAL', 'not-erofs'],
    ['erofs: (device erofs): erofs_read_inode: bogus i_mode (0) @ nid 65535', 'EFSCORRUPTED', 'corrupt-image'],
    ['erofs: (device loop0): erofs_read_superblock: invalid checksum 0x1, 0x2 expected', 'EBADMSG', 'corrupt-image'],
  ])('of EROFS, %j, is a cause', (line, errno, cause) => {
    const found = explained('fsconfig', 'erofs: mount', errno, line);
    expect(found).toMatchObject({ cause, certainty: 'certain' });
    expect(found.sentence).toContain('/i.cfs');
  });

  test.each([
    ['overlayfs: conflicting lowerdir path', 'ELOOP', 'layers-overlap'],
    ['overlayfs: overlapping lowerdir path', 'ELOOP', 'layers-overlap'],
    ['overlayfs: maximum fs stacking depth exceeded', 'EINVAL', 'too-deep'],
    ['overlayfs: workdir and upperdir must reside under the same mount', 'EINVAL', 'upper-unfit'],
    ['overlayfs: conflicting options: metacopy=off,verity=require', 'EINVAL', 'verity-options'],
    ['overlayfs: upperdir is in-use as upperdir/workdir of another mount', 'EBUSY', 'upper-in-use'],
  ])('of overlayfs, %j, is a cause', (line, errno, cause) => {
    expect(explained('fsconfig', 'overlay: mount', errno, line)).toMatchObject({ cause, certainty: 'certain' });
  });

  test('of fs-verity comes before what EROFS makes of it', () => {
    const lines = ['fs-verity (vda, inode 12): FILE CORRUPTED! pos=0', 'erofs: cannot read erofs superblock'];
    expect(explained('fsconfig', 'erofs: mount', 'EIO', ...lines)).toMatchObject({ cause: 'damaged-seal' });
  });
});

describe('where it said nothing', () => {
  test.each([
    ['fsopen', 'erofs', 'ENODEV', 'no-filesystem', 'This kernel has no EROFS'],
    ['fsopen', 'overlay', 'ENODEV', 'no-filesystem', 'This kernel has no overlayfs'],
    ['fsopen', 'overlay', 'ENOSYS', 'kernel-too-old', 'came with Linux 5.2'],
    ['fsconfig', 'overlay: verity = require', 'EINVAL', 'kernel-too-old', 'verity=, which came with Linux 6.6'],
    ['fsconfig', 'overlay: metacopy = on', 'EINVAL', 'kernel-too-old', 'came with Linux 4.19'],
    ['LOOP_CTL_GET_FREE', 'a loop device that is free', 'ENODEV', 'no-loop-device', 'loop device'],
    ['move_mount', 'to /at', 'EPERM', 'not-permitted', 'does not permit'],
    ['openat2', 'image /i.cfs', 'ENOENT', 'missing-path', 'is not there'],
    ['fsconfig', 'erofs: mount', 'EINVAL', 'corrupt-image', 'is damaged'],
  ])('%s of %j with %s is %s', (call, detail, errno, cause, words) => {
    const found = explained(call, detail, errno);
    expect(found.cause).toBe(cause);
    expect(found.sentence).toContain(words);
  });

  test('and nothing is known, the step is all that is said', () => {
    const { cause, certainty, sentence } = explained('fsmount', 'overlay', 'ENOSPC');
    expect([cause, certainty]).toEqual(['unknown', 'likely']);
    expect(sentence).toContain('at step 3 (fsmount, overlay) with ENOSPC');
  });
});

test('what the helper saw itself is not concluded anew', () => {
  const message = 'the image has the digest a, and should have b';
  const found = explainMountFailure({
    plan,
    steps: [],
    errno: 'EPERM',
    reason: 'digest-mismatch',
    message,
    path: '/x',
  });
  expect(found).toMatchObject({ cause: 'digest-mismatch', certainty: 'certain' });
  expect(found.sentence).toBe(`/x is not the image that is expected: ${message}.`);
});
