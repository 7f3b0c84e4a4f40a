import { count, grouped } from '../../../../verity/explain/words.ts';
import { Change } from '../../change.ts';
import { explaining, otherSide, sideNames, type CauseRule, type Delta, type SideName } from '../delta.ts';

/** D20: the owners of one side are those of the other by a rule. */
export const ownerMapping: CauseRule = {
  id: 'D20',
  title: 'Owners were mapped',
  rule: 'All owners differ by one number, or all entries of one side have one owner and those of the other have several.',
  knownFrom: 'Rootless builds, idmapped mounts, --squash-uids.',
  advice: 'Build as root, or within podman unshare. Where user.containers.override_stat is set, it has the true owner.',
  find: (delta) => {
    const pairs = delta.pairs(Change.uid | Change.gid);
    if (pairs.length === 0) return undefined;
    const rows = pairs.map(({ row }) => row);
    const explains = explaining(delta, rows, Change.uid | Change.gid);
    const offset = offsetOf(delta);
    if (offset !== undefined) {
      const by = `${offset > 0 ? '+' : '−'}${grouped(Math.abs(offset))}`;
      return {
        sentence: `${count(rows.length, 'name')}: every owner of B is that of A ${by}.`,
        explains,
        confidence: 'strong',
      };
    }
    for (const side of sideNames) {
      const owner = oneOwner(delta, side);
      if (owner === undefined || oneOwner(delta, otherSide(side)) !== undefined) continue;
      return {
        sentence: `All of ${side.toUpperCase()} is owned by ${owner}; ${grouped(rows.length)} have another owner on the other side.`,
        explains,
        confidence: 'strong',
      };
    }
    return undefined;
  },
};

/** B minus A, where it is one number for the owners and groups of all that both have, and there are more than one. */
function offsetOf({ diff }: Delta): number | undefined {
  const { count: rows, rowA, rowB, a, b } = diff;
  let offset: number | undefined;
  let seen = 0;
  for (let row = 0; row < rows; row += 1) {
    const [entryA, entryB] = [rowA[row] ?? -1, rowB[row] ?? -1];
    if (entryA < 0 || entryB < 0) continue;
    const uid = (b.table.uid[entryB] ?? 0) - (a.table.uid[entryA] ?? 0);
    const gid = (b.table.gid[entryB] ?? 0) - (a.table.gid[entryA] ?? 0);
    if (uid !== gid || uid === 0 || (offset ?? uid) !== uid) return undefined;
    offset = uid;
    seen += 1;
  }
  return seen > 1 ? offset : undefined;
}

/** `uid:gid` where all entries have it. */
function oneOwner(delta: Delta, side: SideName): string | undefined {
  const { uid, gid } = delta.image(side).table;
  for (const entry of delta.entries(side)) if (uid[entry] !== uid[0] || gid[entry] !== gid[0]) return undefined;
  return `${uid[0] ?? 0}:${gid[0] ?? 0}`;
}
