import { expect, it } from 'vitest';
import type { MountFailure } from '../../shared/contract/mount-values.ts';
import { failureText } from './words.ts';

it('writes a failure down with its steps, the kernel’s words and who holds it', () => {
  const failure: MountFailure = {
    cause: 'busy',
    sentence: 'It is in use.',
    advice: 'End the programs.',
    certainty: 'certain',
    errno: 'EBUSY',
    steps: [
      { number: 1, call: 'fsopen', detail: 'erofs', outcome: 'done', errno: undefined, log: [] },
      { number: 2, call: 'fsconfig', detail: 'source', outcome: 'skipped', errno: 'ENOTBLK', log: [] },
      { number: 3, call: 'umount2', detail: '/mnt', outcome: 'failed', errno: 'EBUSY', log: ['overlayfs: so'] },
    ],
    holders: [{ pid: 7, name: 'sh', uid: 1000, holds: ['working directory', 'open file /mnt/a'] }],
  };
  expect(failureText('Unmount /mnt', failure)).toBe(`Unmount /mnt: It is in use.
What to do: End the programs.
Cause: busy (certain), EBUSY

Held by:
  sh (pid 7, uid 1000): working directory, open file /mnt/a

Steps:
  1. ✓ fsopen: erofs
  2. – fsconfig: source skipped, ENOTBLK
  3. ✗ umount2: /mnt failed, EBUSY
       kernel: overlayfs: so
`);
});

it('leaves out what there is not', () => {
  const failure: MountFailure = {
    cause: 'unknown',
    sentence: 'No known cause.',
    advice: undefined,
    certainty: 'likely',
    errno: undefined,
    steps: [],
    holders: [],
  };
  expect(failureText('Mount a', failure)).toBe('Mount a: No known cause.\nCause: unknown (likely)\n');
});
