import type { CompareCause } from '../../../contract/compare-values.ts';
import { DumpReader } from '../../../composefs/dump-reader/dump-reader.ts';
import { writeDump } from '../../../composefs/dump-text.ts';
import { writeImageInSteps, type PlacedContent } from '../../../composefs/writer/write-image.ts';
import { ImageError } from '../../../erofs/image-error.ts';
import type { Steps } from '../../../steps.ts';
import { count } from '../../../verity/explain/words.ts';
import { DraftImage } from '../../draft-image.ts';
import type { Image } from '../../image.ts';
import { redirectBytes } from '../../row.ts';
import { Flag, nameBytes, S_IFCHR, S_IFMT } from '../../table.ts';
import { displayBytes, equalBytesInSteps } from '../../text.ts';
import { FilteredImage } from '../../filtered-image.ts';
import { otherSide, sideNames, type CauseWords, type Delta } from './delta.ts';
import { isWrittenAs, versionOf } from './format/written-by.ts';

/** Above that, both trees are not written anew for what is rarely so: it takes longer than somebody waits. */
const MAX_REPRINTED = 200_000;

/** D33: what a dump does not say cannot be in the image that is made of it. */
export const roundTripWords: CauseWords = {
  id: 'D33',
  title: 'Made again from a dump of the other',
  rule: 'What a tool prints of one image as a dump, written in the other’s format, is the other byte for byte; the image itself, written so, is not.',
  knownFrom:
    'composefs-info dump of C composefs 1.0.8 loses the whiteouts of format 2 and SHA-512 digests, and prints two bytes too many of redirects whose length is a multiple of 4; that of composefs-rs loses whiteouts of the root that are named by two hex digits and overlay.opaque of the tree itself, and gives files without a digest one.',
  advice: 'Keep the image itself; where it must be made anew, make it of the tree, and not of a dump.',
};

/** What a tool's dump of an image does not say, each in words; none: it is all there. */
interface Reprinted {
  readonly tool: string;
  readonly lost: readonly string[];
  /** The image of the dump. @throws ImageError where the tool would refuse it */
  readonly write: (version: 0 | 1 | 2) => Steps<Uint8Array>;
}

/**
 * Whether one side is what comes out where the other was printed as a dump and made again of it: certain, or not said.
 *
 * @see digest-divergence.md, D33; dump-format.md, section 5; rust-format.md, section 8
 */
export function* roundTripCause(
  delta: Delta,
  examplesOf: (rows: readonly number[]) => CompareCause['examples'],
): Steps<CompareCause | undefined> {
  const { a, b } = delta.diff;
  if (versionOf(a) === undefined || versionOf(b) === undefined) return undefined;
  if (Math.max(a.table.count, b.table.count) > MAX_REPRINTED) return undefined;
  if (yield* equalBytesInSteps(a.table.bytes, b.table.bytes)) return undefined;
  for (const side of sideNames) {
    const [own, made] = [delta.image(side), delta.image(otherSide(side))];
    const version = versionOf(made);
    if (version === undefined) continue;
    for (const reprint of [printedByC, printedByRust]) {
      yield;
      const { tool, lost, write } = reprint(own);
      if (lost.length === 0 || !(yield* isMade(write, version, made))) continue;
      // most images lose nothing, and are not written for it
      if (yield* isWrittenAs(own, version, made)) break;
      const [from, to] = [side.toUpperCase(), otherSide(side).toUpperCase()];
      return {
        ...roundTripWords,
        sentence: `${to} is what comes out, byte for byte, where ${from} is printed by ${tool} and written again in format ${version}: the dump ${lost.join('; ')}.`,
        count: delta.differing.length,
        attributes: [],
        examples: examplesOf(delta.differing),
        confidence: 'certain',
      };
    }
  }
  return undefined;
}

function* isMade(write: Reprinted['write'], version: 0 | 1 | 2, made: Image): Steps<boolean> {
  try {
    return yield* equalBytesInSteps(yield* write(version), made.table.bytes);
  } catch (error) {
    if (error instanceof ImageError) return false; // no image comes out of it
    throw error;
  }
}

/** composefs-info of C composefs 1.0.8, and mkcomposefs --from-file. */
function printedByC(image: Image): Reprinted {
  const draft = new DraftImage(image);
  const lost: string[] = [];
  const whiteouts = image.formatVersion === 2 ? draft.drop((row) => isDevice00(draft, row)) : 0;
  if (whiteouts > 0) lost.push(`leaves ${count(whiteouts, 'whiteout')} of format 2 out`);
  const { count: rows, bytes, flags, redirectOffset } = draft.table;
  const [digest, length] = [draft.column('digestOffset'), draft.column('redirectLength')];
  let [long, damaged] = [0, 0];
  for (let row = 0; row < rows; row += 1) {
    if (digest[row] !== 0 && ((flags[row] ?? 0) & Flag.sha512) !== 0) {
      digest[row] = 0;
      long += 1;
    }
    const from = redirectOffset[row] ?? 0;
    // a slash stands in front of it in the image
    if (from === 0 || ((length[row] ?? 0) + 1) % 4 !== 0) continue;
    const more = [0, 1].findIndex((at) => (bytes[from + (length[row] ?? 0) + at] ?? 0) === 0);
    const read = more < 0 ? 2 : more;
    length[row] = (length[row] ?? 0) + read;
    if (read > 0) damaged += 1;
  }
  if (long > 0) lost.push(`has - in the place of ${count(long, 'SHA-512 digest')}`);
  if (damaged > 0) lost.push(`has bytes that are none of it behind ${count(damaged, 'redirect')}`);
  const marks = image.formatVersion === 1 ? countWhiteouts(image) : 0;
  if (marks > 0) lost.push('has the marks opaque=x of format 1 as the tree’s own');
  return {
    tool: 'composefs-info of C composefs 1.0.8',
    lost,
    write: (version) => {
      const reader = new DumpReader();
      writeDump(draft, (piece) => reader.push(piece));
      return writeImageInSteps(reader.finish(), { minVersion: version, maxVersion: version });
    },
  };
}

/** What composefs-rs takes for no part of the tree. */
const DROPPED_BY_RUST: ReadonlySet<string> = new Set(['trusted.overlay.overlay.opaque', 'user.overlay.opaque']);

/** cfsctl and composefs-info of composefs-rs. */
function printedByRust(image: Image): Reprinted {
  const draft = new DraftImage(image);
  const lost: string[] = [];
  const stubs = draft.drop(
    (row) =>
      draft.table.parent[row] === 0 &&
      /^[0-9a-f]{2}$/i.test(displayBytes(nameBytes(draft.table, row))) &&
      ((draft.table.flags[row] ?? 0) & Flag.stub) === 0 &&
      (isDevice00(draft, row) || ((draft.table.flags[row] ?? 0) & Flag.escapedWhiteout) !== 0),
  );
  if (stubs > 0) lost.push(`leaves ${count(stubs, 'whiteout')} of the root out whose names have two hex digits`);
  const marked = countOwnMarks(draft);
  if (marked > 0) lost.push(`leaves overlay.opaque of ${count(marked, 'name')} out`);
  const contents = new Map<number, PlacedContent>();
  const { count: rows, inode, flags, digestOffset } = draft.table;
  for (let row = 0; row < rows; row += 1) {
    if (((flags[row] ?? 0) & Flag.backed) === 0 || digestOffset[row] !== 0) continue;
    const redirect = redirectBytes(draft.table, row);
    const hex = redirect && /^([0-9a-f]{2})\/([0-9a-f]{62}|[0-9a-f]{126})$/.exec(displayBytes(redirect));
    if (redirect === undefined || !hex) continue;
    const digest = Uint8Array.from(`${hex[1] ?? ''}${hex[2] ?? ''}`.match(/../g) ?? [], (two) =>
      Number.parseInt(two, 16),
    );
    contents.set(inode[row] ?? 0, { redirect, digest });
  }
  draft.place(contents);
  if (contents.size > 0) lost.push(`names a digest for ${count(contents.size, 'file')} that had none`);
  // marks that are gone are as likely some that were never read (D34), digests that came some that were dropped (D18)
  if (stubs === 0) lost.length = 0;
  const source = new FilteredImage(draft, (name) => !DROPPED_BY_RUST.has(name));
  return {
    tool: 'composefs-rs',
    lost,
    write: (version) => writeImageInSteps(source, { ...draft.options, minVersion: version, maxVersion: version }),
  };
}

function isDevice00({ table }: Image, row: number): boolean {
  return (
    ((table.mode[row] ?? 0) & S_IFMT) === S_IFCHR &&
    table.rdev[row] === 0 &&
    ((table.flags[row] ?? 0) & Flag.stub) === 0
  );
}

function countWhiteouts({ table: { count: rows, flags } }: Image): number {
  let whiteouts = 0;
  for (let row = 0; row < rows; row += 1) if (((flags[row] ?? 0) & Flag.escapedWhiteout) !== 0) whiteouts += 1;
  return whiteouts;
}

/** Names with a mark that says something: `x` follows from whiteouts. */
function countOwnMarks(image: Image): number {
  let marked = 0;
  for (let row = 0; row < image.table.count; row += 1) {
    if (((image.table.flags[row] ?? 0) & Flag.xattrs) === 0) continue;
    const isOwn = image
      .xattrs(row)
      .some(({ name, value }) => DROPPED_BY_RUST.has(displayBytes(name)) && displayBytes(value) !== 'x');
    if (isOwn) marked += 1;
  }
  return marked;
}
