import type { OtherWriter } from '../../../../../composefs/writer/format-rules.ts';
import { count } from '../../../../../verity/explain/words.ts';
import { Flag, S_IFLNK } from '../../../../table.ts';
import { otherSide, sideNames, type Delta, type SideName } from '../../delta.ts';
import { each, filtered, type Steps } from '../../../../../steps.ts';
import { orderOf } from '../compare-format.ts';
import type { FormatFound, FormatRule } from '../format-rule.ts';
import { sideWrittenBy } from '../written-by.ts';

type Rows = FormatFound['rows'];

/** Releases that lay out some inodes otherwise: how they do, and where that is to be seen. */
const releases: readonly {
  readonly writer: OtherWriter;
  readonly words: string;
  readonly find: (delta: Delta, side: SideName) => Steps<Rows>;
}[] = [
  {
    writer: 'c-before-1.0.6',
    words:
      'as mkcomposefs did before 1.0.6: the target of a symlink stays with its inode, though with its xattrs it fills a block or more',
    find: longTargets,
  },
  {
    writer: 'composefs-rs-before-0.5.0',
    words:
      'as composefs-rs did before April 2025 (0.5.0): an inode is moved only where what is inline behind it would cross a block',
    find: movedInodes,
  },
];

/** D32: the same format, laid out by the rules of another release. */
export const oldLayout: FormatRule = {
  id: 'D32',
  title: 'Layout rules of another release',
  rule: 'The trees are equal and in one format; the tree, written anew by the rules of an older release, is one of the images byte for byte. Or a whiteout has a size on one side.',
  knownFrom:
    'C composefs before 1.0.6: targets that fill a block with their xattrs, whiteouts with the size that the source says. composefs-rs before 0.5.0: where format 2 puts inodes with inline data.',
  advice: 'Make both images with the same release, and say which release made each.',
  *find(delta): Steps<FormatFound | undefined> {
    const sized = yield* sizedWhiteouts(delta);
    if (sized !== undefined) return sized;
    for (const { writer, words, find } of releases) {
      const side = yield* sideWrittenBy(delta, writer);
      if (side === undefined) continue;
      const rows = yield* find(delta, side);
      return {
        sentence: `${side.toUpperCase()} is laid out ${words}. Written anew by that rule, the tree of ${otherSide(side).toUpperCase()} is ${side.toUpperCase()} byte for byte.`,
        rows,
        confidence: 'certain',
      };
    }
    return undefined;
  },
};

function* rowsOf({ diff }: Delta): Generator<number, void, void> {
  for (let row = 0; row < diff.count; row += 1) yield row;
}

const nidOf = (delta: Delta, side: SideName, row: number): number =>
  delta.image(side).table.inode[delta.entry(side, row)] ?? 0;

function* sizedWhiteouts(delta: Delta): Steps<FormatFound | undefined> {
  const sizeOf = (side: SideName, row: number): number => delta.image(side).table.size[delta.entry(side, row)] ?? 0;
  for (const side of sideNames) {
    const { flags } = delta.image(side).table;
    const rows = yield* filtered(
      rowsOf(delta),
      (row) =>
        ((flags[delta.entry(side, row)] ?? 0) & Flag.escapedWhiteout) !== 0 &&
        sizeOf(side, row) > 0 &&
        sizeOf(otherSide(side), row) === 0,
    );
    if (rows.length === 0) continue;
    return {
      sentence: `${count(rows.length, 'whiteout')} of ${side.toUpperCase()} ${rows.length === 1 ? 'has' : 'have'} a size, as mkcomposefs wrote it before 1.0.6.`,
      rows: rows.map((row) => ({ row, what: `size ${sizeOf('a', row)} → ${sizeOf('b', row)}` })),
      confidence: 'strong',
    };
  }
  return undefined;
}

/** Symlinks whose targets are as far from their inodes as on no other side. */
function* longTargets(delta: Delta): Steps<Rows> {
  const distance = (side: SideName, row: number): number => {
    const image = delta.image(side);
    const entry = delta.entry(side, row);
    const content = image.content(entry);
    if (content.kind !== 'inline') return 0;
    return (content.extents[0]?.offset ?? 0) - (image.fields(entry)[0]?.offset ?? 0);
  };
  const rows: Rows[number][] = [];
  yield* each(rowsOf(delta), (row) => {
    if (delta.type('a', delta.entry('a', row)) !== S_IFLNK) return;
    const [a, b] = [distance('a', row), distance('b', row)];
    // whole inodes lie further away where many are before the block
    if (
      a !== b &&
      delta.image('a').fields(delta.entry('a', row))[0]?.value !==
        delta.image('b').fields(delta.entry('b', row))[0]?.value
    )
      rows.push({ row, what: `target ${a} → ${b} bytes behind the start of the inode` });
  });
  return rows;
}

/** Inodes that are not as far from those before them as on the other side. */
function* movedInodes(delta: Delta): Steps<Rows> {
  const rows: Rows[number][] = [];
  let before = 0;
  yield* each(yield* orderOf(delta.diff, 'a'), (row) => {
    const [a, b] = [nidOf(delta, 'a', row), nidOf(delta, 'b', row)];
    if (b - a !== before) rows.push({ row, what: `nid ${a} → ${b}` });
    before = b - a;
  });
  return rows;
}
