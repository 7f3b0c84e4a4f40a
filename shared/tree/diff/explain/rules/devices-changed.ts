import { count } from '../../../../verity/explain/words.ts';
import { S_IFBLK, S_IFCHR, S_IFREG } from '../../../table.ts';
import { Change } from '../../change.ts';
import {
  explainingPairs,
  otherSide,
  sideNames,
  type CauseRule,
  type Delta,
  type Found,
  type SideName,
} from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

const isDevice = (delta: Delta, side: SideName, entry: number): boolean => {
  const type = delta.type(side, entry);
  return type === S_IFBLK || (type === S_IFCHR && delta.image(side).table.rdev[entry] !== 0);
};

/** A whiteout, or a file without content. */
const isNothing = (delta: Delta, side: SideName, entry: number): boolean => {
  const { rdev, size } = delta.image(side).table;
  const type = delta.type(side, entry);
  return (type === S_IFCHR && rdev[entry] === 0) || (type === S_IFREG && size[entry] === 0);
};

/** D40: a device that could not be made is something else. */
export const devicesChanged: CauseRule = {
  id: 'D40',
  title: 'Devices became something else',
  rule: 'A device of one side is a whiteout or an empty file on the other, or has another number there.',
  knownFrom:
    'Builds in containers without the right to make devices; numbers of 2³² and more: the C tool cuts them, composefs-rs stops.',
  advice: 'Build where devices can be made, or leave them out on both sides (--skip-devices).',
  *find(delta): Steps<Found | undefined> {
    const pairs = yield* delta.pairs(Change.type | Change.rdev);
    const gone = yield* filtered(pairs, (pair) =>
      sideNames.some((side) => {
        const other = otherSide(side);
        return isNothing(delta, side, pair[side]) && isDevice(delta, other, pair[other]);
      }),
    );
    const renumbered = yield* filtered(
      pairs,
      ({ row, a, b }) => (delta.left(row) & Change.type) === 0 && isDevice(delta, 'a', a) && isDevice(delta, 'b', b),
    );
    const parts = [
      ...(gone.length === 0
        ? []
        : [
            `${count(gone.length, 'device')} of one side ${gone.length === 1 ? 'is a whiteout or an empty file' : 'are whiteouts or empty files'} on the other`,
          ]),
      ...(renumbered.length === 0
        ? []
        : [
            `${count(renumbered.length, 'device')} ${renumbered.length === 1 ? 'has another number' : 'have other numbers'}`,
          ]),
    ];
    return {
      sentence: `${parts.join('; ')}.`,
      explains: new Map([
        ...(yield* explainingPairs(delta, renumbered, Change.rdev)),
        ...(yield* explainingPairs(delta, gone, Change.type | Change.rdev | Change.mode)),
      ]),
      confidence: gone.length === 0 ? 'possible' : 'strong',
    };
  },
};
