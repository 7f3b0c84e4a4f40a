import type { Table } from '../../tree/table.ts';
import { eachChild } from './inode-order.ts';

export const BLOCK = 4096;
const DIRENT = 12;
/** What is left over stays with the inode up to here. */
const MAX_TAIL = 2048;

/** Entries that no row stands for; stub number n is -1 - n. */
export const DOT = -1000;
export const DOTDOT = -1001;

/** The entries of a directory in the order of their names, those of itself and its parent among them. */
export function entriesOf(table: Table, directory: number, hasStubs: boolean): Int32Array {
  const { bytes, nameOffset, nameLength } = table;
  const entries: number[] = [];
  let dots = 0;
  const pushDots = (): void => {
    entries.push(DOT, DOTDOT);
    dots = 2;
  };
  eachChild(table, directory, hasStubs, (row) => {
    // `.` and `..` come first, but for names that begin with a byte below the dot; behind it, only `.` itself is less,
    // and names that go on with a byte below the second dot lie between the two
    const name = row < 0 ? 0 : (nameOffset[row] ?? 0);
    const first = row < 0 ? 0x30 : (bytes[name] ?? 0);
    if (dots < 2 && first > 0x2e) {
      if (dots === 0) pushDots();
      else {
        entries.push(DOTDOT);
        dots = 2;
      }
    } else if (dots < 2 && first === 0x2e) {
      if (dots === 0) {
        entries.push(DOT);
        dots = 1;
      }
      const second = (nameLength[row] ?? 0) > 1 ? (bytes[name + 1] ?? 0) : 0;
      if (second >= 0x2e) {
        entries.push(DOTDOT);
        dots = 2;
      }
    }
    entries.push(row);
  });
  if (dots === 0) pushDots();
  else if (dots === 1) entries.push(DOTDOT);
  return Int32Array.from(entries);
}

export function nameLengthOf(table: Table, entry: number): number {
  if (entry === DOT) return 1;
  return entry < 0 ? 2 : (table.nameLength[entry] ?? 0);
}

/** How many entries go into each block; the last group is the tail where `tail` is not 0. */
export interface DirectoryBlocks {
  /** First entry of each group, and behind them the number of entries. */
  readonly starts: readonly number[];
  /** Full blocks. */
  readonly blocks: number;
  /** Bytes that stay with the inode. */
  readonly tail: number;
}

/** Fills blocks with entries, one after the other (writer.md, section 6). */
export function blocksOf(table: Table, entries: Int32Array): DirectoryBlocks {
  const starts = [0];
  let used = 0;
  for (const [index, entry] of entries.entries()) {
    const cost = DIRENT + nameLengthOf(table, entry);
    if (used + cost > BLOCK) {
      starts.push(index);
      used = 0;
    }
    used += cost;
  }
  starts.push(entries.length);
  const groups = starts.length - 1;
  return used > MAX_TAIL ? { starts, blocks: groups, tail: 0 } : { starts, blocks: groups - 1, tail: used };
}
