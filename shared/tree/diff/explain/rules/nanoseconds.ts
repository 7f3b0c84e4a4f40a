import { count } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explaining, sideNames, type CauseRule } from '../delta.ts';

/** D05: the nanoseconds were dropped on one side. */
export const nanoseconds: CauseRule = {
  id: 'D05',
  title: 'Nanoseconds were dropped',
  rule: 'The seconds are equal, and the nanoseconds are 0 wherever they differ, on one side.',
  knownFrom:
    'Format 2 has none; composefs-rs before 0.7.0 neither; ustar and GNU tars have whole seconds. C scans of directories keep them.',
  advice: 'Give whole seconds when the image is built, or use format 2 on both sides.',
  find: (delta) => {
    const pairs = delta.pairs(Change.mtime).filter(({ a, b }) => delta.time('a', a)[0] === delta.time('b', b)[0]);
    const side = sideNames.find((one) => pairs.every((pair) => delta.time(one, pair[one])[1] === 0));
    if (pairs.length === 0 || side === undefined) return undefined;
    return {
      sentence: `${count(pairs.length, 'name')}: the times are equal to the second, and ${side.toUpperCase()} has no nanoseconds.`,
      explains: explaining(
        delta,
        pairs.map(({ row }) => row),
        Change.mtime,
      ),
      confidence: 'strong',
    };
  },
};
