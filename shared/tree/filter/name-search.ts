import { Bitset } from '../bitset.ts';
import type { Table } from '../table.ts';
import { foldByte, matches, type Pattern } from './pattern.ts';

/** Rows of `candidates` whose name matches. The root has no name. */
export function searchNames(table: Table, pattern: Pattern, candidates: Bitset): Bitset {
  if (pattern.kind === 'part' && pattern.bytes.length > 0) return searchPart(table, pattern.bytes, candidates);
  const found = new Bitset(candidates.size);
  const { bytes, nameLength, nameOffset } = table;
  for (let row = candidates.next(1); row < candidates.size; row = candidates.next(row + 1)) {
    const from = nameOffset[row] ?? 0;
    if (matches(pattern, bytes, from, from + (nameLength[row] ?? 0))) found.add(row);
  }
  return found;
}

/**
 * Boyer and Moore's search, as Horspool made it simple, name by name: the byte under the last one of what is wanted says
 * how far to go on. The names lie in the image's directory blocks, so nothing is copied or kept.
 *
 * @param wanted folded, not empty
 */
function searchPart(table: Table, wanted: Uint8Array, candidates: Bitset): Bitset {
  const found = new Bitset(candidates.size);
  const { bytes, nameLength, nameOffset } = table;
  const { words } = found;
  const last = wanted.length - 1;
  const lastByte = wanted[last] ?? 0;
  const skips = skipsOf(wanted);
  const fold = foldTable;
  for (let word = 0; word < words.length; word += 1) {
    const asked = candidates.words[word] ?? 0;
    if (asked === 0) continue;
    let hits = 0;
    for (let bit = 0; bit < 32; bit += 1) {
      if (((asked >>> bit) & 1) === 0) continue;
      const row = word * 32 + bit;
      const from = nameOffset[row] ?? 0;
      const stop = from + (nameLength[row] ?? 0);
      for (let at = from + last; at < stop;) {
        const byte = bytes[at] ?? 0;
        if (fold[byte] === lastByte) {
          let i = last - 1;
          while (i >= 0 && fold[bytes[at - last + i] ?? 0] === wanted[i]) i -= 1;
          if (i < 0) {
            hits |= 1 << bit;
            break;
          }
        }
        at += skips[byte] ?? 1;
      }
    }
    words[word] = hits;
  }
  return found;
}

const foldTable = Uint8Array.from({ length: 256 }, (_, byte) => foldByte(byte));

function skipsOf(wanted: Uint8Array): Uint16Array {
  const byFolded = new Uint16Array(256).fill(wanted.length);
  wanted.subarray(0, -1).forEach((byte, i) => {
    byFolded[byte] = wanted.length - 1 - i;
  });
  return Uint16Array.from({ length: 256 }, (_, byte) => byFolded[foldByte(byte)] ?? 1);
}
