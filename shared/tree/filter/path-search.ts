import { Bitset } from '../bitset.ts';
import type { Table } from '../table.ts';
import { foldByte, globMatches } from './pattern.ts';

/**
 * Searches over whole paths that never build one: each row goes on from what was known at its parent, so that every name
 * is read once, whatever the depth.
 */

const SLASH = 0x2f;

/**
 * Rows whose path contains the bytes, ASCII letters in any case.
 *
 * @param wanted folded, not empty, at most 65,535 bytes
 * @param which `all` rows; or only the `first` ones on their way down, in whose own name the occurrence ends
 */
export function searchPathPart(table: Table, wanted: Uint8Array, which: 'all' | 'first' = 'all'): Bitset {
  const { bytes, count, nameLength, nameOffset, parent } = table;
  const found = new Bitset(count);
  const fallback = borders(wanted);
  const done = wanted.length;
  /** How much of `wanted` the path so far ends with (Knuth, Morris, Pratt); `done` once it contains it. */
  const states = new Uint16Array(count);
  const feed = (state: number, byte: number): number => {
    let next = state;
    while (next > 0 && wanted[next] !== byte) next = fallback[next - 1] ?? 0;
    return wanted[next] === byte ? next + 1 : next;
  };
  for (let row = 0; row < count; row += 1) {
    let state = row === 0 ? 0 : (states[parent[row] ?? 0] ?? 0);
    if (state === done) {
      states[row] = done;
      if (which === 'all') found.add(row);
      continue;
    }
    // The root's path is `/`, but what is below it begins with its own slash.
    const stateOfName = feed(state, SLASH);
    if (row === 0) {
      if (stateOfName === done) found.add(0);
      if (stateOfName === done) states[0] = done;
      continue;
    }
    state = stateOfName;
    const from = nameOffset[row] ?? 0;
    const stop = from + (nameLength[row] ?? 0);
    for (let at = from; at < stop && state !== done; at += 1) state = feed(state, foldByte(bytes[at] ?? 0));
    states[row] = state;
    if (state === done) found.add(row);
  }
  return found;
}

/** For each prefix, the length of its longest proper prefix that is also its end. */
function borders(wanted: Uint8Array): Uint16Array {
  const lengths = new Uint16Array(wanted.length);
  let length = 0;
  for (let i = 1; i < wanted.length; i += 1) {
    while (length > 0 && wanted[i] !== wanted[length]) length = lengths[length - 1] ?? 0;
    if (wanted[i] === wanted[length]) length += 1;
    lengths[i] = length;
  }
  return lengths;
}

/**
 * Rows whose path begins with the bytes, ASCII letters in any case.
 *
 * @param wanted folded, with `/` first
 */
export function searchPathStart(table: Table, wanted: Uint8Array): Bitset {
  const { bytes, count, end, nameLength, nameOffset, parent } = table;
  const found = new Bitset(count);
  if (wanted.length === 1) {
    found.addRange(0, count);
    return found;
  }
  /** How many bytes of `wanted` the path of a directory is, where all of it is. */
  const states = new Uint16Array(count);
  for (let row = 1; row < count;) {
    const known = states[parent[row] ?? 0] ?? 0;
    const length = nameLength[row] ?? 0;
    const from = nameOffset[row] ?? 0;
    let i = wanted[known] === SLASH ? 0 : length + 1;
    while (i < length && known + 1 + i < wanted.length && wanted[known + 1 + i] === foldByte(bytes[from + i] ?? 0)) {
      i += 1;
    }
    const stop = end[row] ?? count;
    if (i <= length && known + 1 + i === wanted.length) {
      found.addRange(row, stop);
      row = stop;
    } else if (i === length) {
      states[row] = known + 1 + i;
      row += 1;
    } else row = stop;
  }
  return found;
}

/** A path with wildcards, name by name; `undefined` is `**`, any number of names, and never twice in a row. */
export type PathGlob = readonly (Int16Array | undefined)[];

/** More names than this do not fit into the bits of a state. */
export const MAX_GLOB_NAMES = 30;

/**
 * Rows whose path matches as a whole. The state of a row has a bit for each number of names of the glob that its path
 * can be; where none is left, all below is passed over.
 */
export function searchPathGlob(table: Table, glob: PathGlob): Bitset {
  const { bytes, count, end, nameLength, nameOffset, parent } = table;
  const found = new Bitset(count);
  const states = new Uint32Array(count);
  let stars = 0;
  glob.forEach((name, i) => {
    if (name === undefined) stars |= 1 << i;
  });
  /** `**` may be no name at all. Two of them never follow each other, so one step is enough. */
  const close = (state: number): number => state | ((state & stars) << 1);
  const done = 1 << glob.length;
  states[0] = close(1);
  if (((states[0] ?? 0) & done) !== 0) found.add(0);
  for (let row = 1; row < count;) {
    const known = states[parent[row] ?? 0] ?? 0;
    const from = nameOffset[row] ?? 0;
    const stop = from + (nameLength[row] ?? 0);
    let next = 0;
    for (let i = 0; i < glob.length; i += 1) {
      if ((known & (1 << i)) === 0) continue;
      const name = glob[i];
      if (name === undefined) next |= 1 << i;
      else if (globMatches(name, bytes, from, stop)) next |= 1 << (i + 1);
    }
    const state = close(next);
    states[row] = state;
    if ((state & done) !== 0) found.add(row);
    row = state === 0 ? (end[row] ?? count) : row + 1;
  }
  return found;
}
