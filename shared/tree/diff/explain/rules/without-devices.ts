import { count } from '../../../../verity/explain/words.ts';
import { S_IFBLK, S_IFCHR, S_IFSOCK } from '../../../table.ts';
import { ONE_SIDED } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

/** Rows of these types that are on the other side alone, in a directory of both, where a side has none of them at all. */
function* missing(delta: Delta, side: SideName, types: readonly number[]): Steps<readonly number[]> {
  const other = otherSide(side);
  const { parent } = delta.diff;
  const rows = yield* filtered(
    yield* delta.alone(other),
    (row) =>
      types.includes(delta.type(other, delta.entry(other, row))) &&
      // what went with its directory says nothing of its type
      delta.entry(side, parent[row] ?? 0) >= 0,
  );
  if (rows.length === 0) return [];
  return (yield* delta.every(side, (entry) => !types.includes(delta.type(side, entry)))) ? rows : [];
}

function rule(words: Omit<CauseRule, 'find'>, noun: string, types: readonly number[]): CauseRule {
  return {
    ...words,
    *find(delta): Steps<Found | undefined> {
      for (const side of sideNames) {
        const rows = yield* missing(delta, side, types);
        if (rows.length === 0) continue;
        const sentence = `${side.toUpperCase()} has no ${noun} at all; ${count(rows.length, noun)} of the other side ${rows.length === 1 ? 'is' : 'are'} missing.`;
        return { sentence, explains: yield* explaining(delta, rows, ONE_SIDED), confidence: 'strong' };
      }
      return undefined;
    },
  };
}

/** D29: devices were left out. */
export const withoutDevices = rule(
  {
    id: 'D29',
    title: 'Devices were left out',
    rule: 'One side has no character and no block device; those of the other are missing, whiteouts among them.',
    knownFrom: 'mkcomposefs --skip-devices; directories that were unpacked without the right to make devices.',
    advice: 'Use --skip-devices on both sides or on none.',
  },
  'device',
  [S_IFCHR, S_IFBLK],
);

/** D36: a tar has no sockets. */
export const withoutSockets = rule(
  {
    id: 'D36',
    title: 'Sockets are missing',
    rule: 'One side has no socket; those of the other are missing.',
    knownFrom: 'Trees that went through a tar, which has no sockets, against a scan of the directory.',
    advice: 'Remove sockets before the digest is computed.',
  },
  'socket',
  [S_IFSOCK],
);
