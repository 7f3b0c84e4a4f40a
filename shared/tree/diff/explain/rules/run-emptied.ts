import { Change } from '../../change.ts';
import { otherSide, sideNames, type CauseRule, type Delta, type Found } from '../delta.ts';
import type { Steps } from '../../../../steps.ts';
import { findEmptied } from './emptied.ts';

/** It was empty before, and has the time of `/usr` now, which has not changed. */
function findTime(delta: Delta): Found | undefined {
  const [usr, run] = [delta.inRoot('usr'), delta.inRoot('run')];
  if (usr === undefined || run === undefined) return undefined;
  if ((delta.left(run.row) & Change.mtime) === 0 || ((delta.diff.changes[usr.row] ?? 0) & Change.mtime) !== 0) {
    return undefined;
  }
  const same = (one: 'a' | 'b'): boolean =>
    delta.time(one, run[one]).every((part, at) => part === delta.time(one, usr[one])[at]);
  const side = sideNames.find((one) => same(one) && !same(otherSide(one)));
  if (side === undefined || sideNames.some((one) => !delta.isEmpty(one, run[one]))) return undefined;
  return {
    sentence: `/run is empty on both sides, and has the time of /usr in ${side.toUpperCase()} alone.`,
    explains: new Map([[run.row, Change.mtime]]),
    confidence: 'strong',
  };
}

/** D11: `/run` was emptied on one side. */
export const runEmptied: CauseRule = {
  id: 'D11',
  title: '/run was emptied',
  rule: 'One side has entries below /run; the other’s is empty and has the time of /usr.',
  knownFrom: 'The OCI transform of composefs-rs from 0.5.0 on, bootc. Not in plain directory mode, not in the C tool.',
  advice: 'Transform both sides alike, or keep /run empty when the image is built.',
  *find(delta): Steps<Found | undefined> {
    yield;
    return findEmptied(delta, ['run'], 'whole') ?? findTime(delta);
  },
};
