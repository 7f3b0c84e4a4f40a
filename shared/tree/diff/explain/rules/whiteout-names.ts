import { count } from '../../../../verity/explain/words.ts';
import { nameBytes } from '../../../table.ts';
import { displayBytes } from '../../../text.ts';
import { ONE_SIDED } from '../../change.ts';
import { nameOf } from '../../compare-trees.ts';
import { explaining, sideNames, type CauseRule } from '../delta.ts';

/** D23: markers of a layer were taken for files. */
export const whiteoutNames: CauseRule = {
  id: 'D23',
  title: 'Whiteouts of a layer that were not applied',
  rule: 'Names that begin with .wh. are on one side alone.',
  knownFrom:
    'composefs-rs before 0.5.0 (opaque markers); tars that are unpacked by something that knows no OCI layers.',
  advice: 'Apply the layers as OCI says: composefs-rs from 0.5.0 on, with the markers first in their layer.',
  find: (delta) => {
    const rows = sideNames
      .flatMap((side) => delta.alone(side))
      .filter((row) => {
        const { table, entry } = nameOf(delta.diff, row);
        return displayBytes(nameBytes(table, entry)).startsWith('.wh.');
      });
    const sentence = `${count(rows.length, 'marker')} of layers ${rows.length === 1 ? 'is a file' : 'are files'} of the tree.`;
    return { sentence, explains: explaining(delta, rows, ONE_SIDED), confidence: 'strong' };
  },
};
