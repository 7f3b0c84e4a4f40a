import type { CauseRule, Found } from '../delta.ts';
import type { Steps } from '../../../../steps.ts';
import { findEmptied } from './emptied.ts';

/** D11: `/run` was emptied on one side. */
export const runEmptied: CauseRule = {
  id: 'D11',
  title: '/run was emptied',
  rule: 'One side has entries below /run, or none but another time; the other’s is empty and has the time of /usr.',
  knownFrom: 'The OCI transform of composefs-rs from 0.5.0 on, bootc. Not in plain directory mode, not in the C tool.',
  advice: 'Transform both sides alike, or keep /run empty when the image is built.',
  *find(delta): Steps<Found | undefined> {
    yield;
    return findEmptied(delta, ['run'], 'whole');
  },
};
