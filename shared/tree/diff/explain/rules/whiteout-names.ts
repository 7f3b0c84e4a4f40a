import { count } from '../../../../verity/explain/words.ts';
import { nameBytes } from '../../../table.ts';
import { displayBytes } from '../../../text.ts';
import { ONE_SIDED } from '../../change.ts';
import { nameOf } from '../../compare-trees.ts';
import { explaining, sideNames, type CauseRule, type Delta, type Found } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

const PREFIX = '.wh.';
const OPAQUE = '.wh..wh..opq';

function textOf({ diff }: Delta, row: number): string {
  const { table, entry } = nameOf(diff, row);
  return displayBytes(nameBytes(table, entry));
}

/** D23: markers of a layer were taken for files. */
export const whiteoutNames: CauseRule = {
  id: 'D23',
  title: 'Whiteouts of a layer that were not applied',
  rule: 'Names that begin with .wh. are on one side alone; and so is what they should have removed.',
  knownFrom:
    'composefs-rs before 0.5.0 (opaque markers); still, where a marker comes behind new entries of its own layer; tars that are unpacked by something that knows no OCI layers.',
  advice: 'Apply the layers as OCI says: composefs-rs from 0.5.0 on, with the markers first in their layer.',
  *find(delta): Steps<Found | undefined> {
    const { end, parent } = delta.diff;
    const markers: number[] = [];
    const removed: number[] = [];
    for (const side of sideNames) {
      const alone = yield* delta.alone(side);
      /** By directory: the names that markers hide there. */
      const hidden = new Map<number, Set<string>>();
      yield* each(alone, (row) => {
        const name = textOf(delta, row);
        if (!name.startsWith(PREFIX)) return;
        markers.push(row);
        const above = parent[row] ?? 0;
        hidden.set(above, (hidden.get(above) ?? new Set()).add(name === OPAQUE ? OPAQUE : name.slice(PREFIX.length)));
      });
      if (hidden.size === 0) continue;
      let stop = 0;
      yield* each(alone, (row) => {
        const names = hidden.get(parent[row] ?? 0);
        const name = textOf(delta, row);
        if (names !== undefined && !name.startsWith(PREFIX) && (names.has(name) || names.has(OPAQUE))) {
          stop = Math.max(stop, end[row] ?? 0);
        }
        if (row < stop) removed.push(row);
      });
    }
    const more =
      removed.length === 0
        ? ''
        : `; ${count(removed.length, 'name')} that they hide ${removed.length === 1 ? 'is' : 'are'} still there`;
    return {
      sentence: `${count(markers.length, 'marker')} of layers ${markers.length === 1 ? 'is a file' : 'are files'} of the tree${more}.`,
      explains: yield* explaining(delta, [...markers, ...removed], ONE_SIDED),
      confidence: 'strong',
    };
  },
};
