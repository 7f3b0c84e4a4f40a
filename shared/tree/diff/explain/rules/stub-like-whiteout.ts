import { count } from '../../../../verity/explain/words.ts';
import { Flag, nameBytes } from '../../../table.ts';
import { displayBytes } from '../../../text.ts';
import { ONE_SIDED } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';
import { filtered, type Steps } from '../../../../steps.ts';

/** Whether a whiteout of the root is, by all that it has, what an image's own stubs are. */
function looksLikeStub(delta: Delta, side: SideName, entry: number): boolean {
  const { table } = delta.image(side);
  const { parent, flags, uid, gid, mtime, mtimeNsec } = table;
  return (
    parent[entry] === 0 &&
    ((flags[entry] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout)) !== 0 &&
    /^[0-9a-f]{2}$/.test(displayBytes(nameBytes(table, entry))) &&
    delta.permissions(side, entry) === 0o644 &&
    uid[entry] === uid[0] &&
    gid[entry] === gid[0] &&
    mtime[entry] === mtime[0] &&
    mtimeNsec[entry] === mtimeNsec[0]
  );
}

/** D15: composefs-rs takes such a whiteout for a stub. */
export const stubLikeWhiteout: CauseRule = {
  id: 'D15',
  title: 'Whiteouts of the root that look like stubs',
  rule: 'On one side alone: a whiteout in the root, named by two hex digits, with mode 0644 and the root’s owner and time. The other is an image of format 0 or 1.',
  knownFrom:
    'composefs-rs leaves it a device, as the 256 stubs are, and drops it when it reads an image; the C tool escapes it.',
  advice: 'Do not name entries of the root by two hex digits.',
  *find(delta): Steps<Found | undefined> {
    for (const side of sideNames) {
      const other = delta.image(otherSide(side));
      if (other.kind !== 'composefs' || other.formatVersion === 2) continue;
      const rows = yield* filtered(yield* delta.alone(side), (row) =>
        looksLikeStub(delta, side, delta.entry(side, row)),
      );
      if (rows.length === 0) continue;
      return {
        sentence: `${count(rows.length, 'whiteout')} of ${side.toUpperCase()} cannot be told from the stubs that ${otherSide(side).toUpperCase()} has in the root.`,
        explains: yield* explaining(delta, rows, ONE_SIDED),
        confidence: 'strong',
      };
    }
    return undefined;
  },
};
