import { DumpImage } from '../../../composefs/dump-reader/dump-image.ts';
import { upTo, type Steps } from '../../../steps.ts';
import { grouped, count } from '../../../verity/explain/words.ts';
import { isDirectory } from '../../table.ts';
import type { TreeDiff } from '../compare-trees.ts';

/** How a tool prints what does not follow from the tree. */
interface DumpStyle {
  folders: number;
  /** Directories of size 0, and of any other. */
  zeroFolders: number;
  links: number;
  /** Links that have nothing but a target. */
  bareLinks: number;
}

/**
 * What two dumps print in other ways though their trees are equal, as a text diff shows it: sentences. Of anything but two
 * dumps there is none.
 *
 * @see digest-divergence.md, sections 2 and 8; rust-format.md, section 8
 */
export function* dumpArtefacts({ a, b }: TreeDiff): Steps<readonly string[]> {
  if (!(a instanceof DumpImage && b instanceof DumpImage)) return [];
  const [ours, theirs] = [yield* styleOf(a), yield* styleOf(b)];
  const found: string[] = [];
  const zero = sideOf(hasZeroes(ours), hasZeroes(theirs));
  const folders = Math.min(ours.folders, theirs.folders);
  if (zero !== undefined) {
    found.push(
      `The size of ${folders === 1 ? '1 directory' : `${grouped(folders)} directories`}: ${zero} prints 0, as composefs-rs does, the other what they take in an image, as composefs-info of C does. It is no part of the tree.`,
    );
  }
  const bare = sideOf(isBare(ours), isBare(theirs));
  if (bare !== undefined) {
    found.push(
      `The lines of ${count(Math.min(ours.links, theirs.links), 'hard link')}: ${bare} prints only the target, as composefs-rs does, the other the attributes of the file, too, as composefs-info of C does.`,
    );
  }
  return found;
}

const hasZeroes = ({ folders, zeroFolders }: DumpStyle): boolean | undefined =>
  folders === 0 || (zeroFolders > 0 && zeroFolders < folders) ? undefined : zeroFolders === folders;
const isBare = ({ links, bareLinks }: DumpStyle): boolean | undefined =>
  links === 0 || (bareLinks > 0 && bareLinks < links) ? undefined : bareLinks === links;

/** The side of which it is so, and of the other it is not; undefined where that cannot be told. */
function sideOf(a: boolean | undefined, b: boolean | undefined): 'A' | 'B' | undefined {
  if (a === undefined || b === undefined || a === b) return undefined;
  return a ? 'A' : 'B';
}

/** A directory's size is as its line says it; a link's attributes are those of the file. */
function* styleOf(image: DumpImage): Steps<DumpStyle> {
  const { table, bareLinks } = image;
  const style = { folders: 0, zeroFolders: 0, links: 0, bareLinks };
  yield* upTo(table.count, (row) => {
    if (isDirectory(table, row)) {
      style.folders += 1;
      if (table.size[row] === 0) style.zeroFolders += 1;
    } else if (image.originalRow(row) !== row) style.links += 1;
  });
  return style;
}
