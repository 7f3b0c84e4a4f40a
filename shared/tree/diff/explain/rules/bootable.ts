import type { CauseRule } from '../delta.ts';
import { findEmptied } from './emptied.ts';

/** D07: `/boot` and `/sysroot` were emptied on one side. */
export const bootable: CauseRule = {
  id: 'D07',
  title: 'Made bootable',
  rule: 'One side has entries below /boot or /sysroot; the other’s are empty and have the seconds of /usr.',
  knownFrom: 'composefs-rs with --bootable, bootc always; up to 0.9.0 the nanoseconds stay the old ones.',
  advice: 'Compare the digest of oci compute-id --bootable with one that was made with --bootable only.',
  find: (delta) => findEmptied(delta, ['boot', 'sysroot'], true),
};
