import type { TableBuilder } from '../../tree/table-builder.ts';
import { isDirectory, S_IFMT } from '../../tree/table.ts';
import { dumpFault, shown, type DumpPlace } from './dump-fault.ts';
import type { PathIndex } from './path-index.ts';

const SLASH = 0x2f;

interface Link {
  readonly row: number;
  /** Its line, shortened to path and target. */
  readonly place: DumpPlace;
  readonly targetFrom: number;
}

/** Hard links of a dump: their targets may come later, and be links themselves. */
export class HardLinks {
  readonly #rows: TableBuilder;
  readonly #paths: PathIndex;
  readonly #links: Link[] = [];
  readonly #targets = new Map<number, number>();

  constructor(rows: TableBuilder, paths: PathIndex) {
    this.#rows = rows;
    this.#paths = paths;
  }

  /** @throws ImageError where the target is no path */
  add(row: number, place: DumpPlace, from: number, to: number): void {
    if (place.bytes[from] !== SLASH) throw dumpFault(place, from, 'the target of a hard link begins with a slash');
    const bytes = place.bytes.slice(place.from, to);
    const { line, offset } = place;
    const copy = { bytes, from: 0, to: bytes.length, line, offset };
    this.#links.push({ row, place: copy, targetFrom: from - place.from });
  }

  /**
   * Gives each link the attributes of its target.
   *
   * @param copy takes over the columns that are not in the table
   * @throws ImageError where there is no target, it is a directory, or links go in a circle
   */
  resolve(
    copy: (row: number, original: number) => void,
    warn: (row: number, line: number, offset: number, message: string) => void,
  ): void {
    for (const { row, place, targetFrom } of this.#links) {
      const target = place.to === targetFrom + 1 ? 0 : this.#paths.find(place, targetFrom, place.to);
      const path = shown(place.bytes, targetFrom, place.to);
      if (target < 0) throw dumpFault(place, targetFrom, `the target of the hard link is nowhere in the dump: ${path}`);
      if (target === row) throw dumpFault(place, targetFrom, `the hard link is its own target: ${path}`);
      this.#targets.set(row, target);
    }
    for (const link of this.#links) {
      const original = this.#follow(link);
      const { row, place, targetFrom } = link;
      if (isDirectory(this.#rows, original)) {
        const path = shown(place.bytes, targetFrom, place.to);
        throw dumpFault(place, targetFrom, `the target of the hard link is a directory, which has one name: ${path}`);
      }
      const said = (this.#rows.mode[row] ?? 0) & S_IFMT;
      const type = (this.#rows.mode[original] ?? 0) & S_IFMT;
      if (said !== type) {
        warn(
          row,
          place.line,
          place.offset,
          `the hard link's type is 0${said.toString(8)}, its target's 0${type.toString(8)}: the target's counts`,
        );
      }
      this.#take(row, original);
      copy(row, original);
    }
  }

  #follow({ row, place, targetFrom }: Link): number {
    let at = row;
    // as many steps as there are links lead out of every chain that ends
    for (let steps = 0; steps <= this.#targets.size; steps += 1) {
      const next = this.#targets.get(at);
      if (next === undefined) return this.#shorten(row, at);
      at = next;
    }
    throw dumpFault(place, targetFrom, 'the targets of these hard links lead in a circle');
  }

  /** Later links of a long chain end at once. */
  #shorten(row: number, original: number): number {
    for (let at = row; ;) {
      const next = this.#targets.get(at);
      if (next === undefined) return original;
      this.#targets.set(at, original);
      at = next;
    }
  }

  #take(row: number, original: number): void {
    const rows = this.#rows;
    rows.inode[row] = original;
    rows.mode[row] = rows.mode[original] ?? 0;
    rows.uid[row] = rows.uid[original] ?? 0;
    rows.gid[row] = rows.gid[original] ?? 0;
    rows.size[row] = rows.size[original] ?? 0;
    rows.mtime[row] = rows.mtime[original] ?? 0;
    rows.mtimeNsec[row] = rows.mtimeNsec[original] ?? 0;
    rows.nlink[row] = rows.nlink[original] ?? 0;
    rows.rdev[row] = rows.rdev[original] ?? 0;
    rows.redirectOffset[row] = rows.redirectOffset[original] ?? 0;
    rows.redirectLength[row] = rows.redirectLength[original] ?? 0;
    rows.digestOffset[row] = rows.digestOffset[original] ?? 0;
    rows.flags[row] = rows.flags[original] ?? 0;
  }
}
