import { count } from '../../../../verity/explain/words.ts';
import { S_IFBLK, S_IFCHR, S_IFREG } from '../../../table.ts';
import { Change } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule } from '../delta.ts';

/** D40: a device that could not be made is something else. */
export const devicesChanged: CauseRule = {
  id: 'D40',
  title: 'Devices became something else',
  rule: 'A device of one side is a whiteout or an empty file on the other.',
  knownFrom: 'Builds in containers without the right to make devices.',
  advice: 'Build where devices can be made, or leave them out on both sides.',
  find: (delta) => {
    const rows = delta.pairs(Change.type | Change.rdev).filter((pair) =>
      sideNames.some((side) => {
        const other = otherSide(side);
        const { rdev, size } = delta.image(side).table;
        const type = delta.type(side, pair[side]);
        const theirs = delta.type(other, pair[other]);
        const isDevice = theirs === S_IFBLK || (theirs === S_IFCHR && delta.image(other).table.rdev[pair[other]] !== 0);
        const isNothing = (type === S_IFCHR && rdev[pair[side]] === 0) || (type === S_IFREG && size[pair[side]] === 0);
        return isDevice && isNothing;
      }),
    );
    const sentence = `${count(rows.length, 'device')} of one side ${rows.length === 1 ? 'is a whiteout or an empty file' : 'are whiteouts or empty files'} on the other.`;
    const bits = Change.type | Change.rdev | Change.mode | Change.size | Change.storage;
    return {
      sentence,
      explains: explaining(
        delta,
        rows.map(({ row }) => row),
        bits,
      ),
      confidence: 'strong',
    };
  },
};
