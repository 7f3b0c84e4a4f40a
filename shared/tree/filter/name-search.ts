import { Bitset } from '../bitset.ts';
import type { Table } from '../table.ts';
import { contains, matches, type Part, type Pattern } from './pattern.ts';

/**
 * Rows of `candidates` whose name matches. The root has no name. The names lie in the image's directory blocks, so nothing
 * is copied or kept: a part takes 20 to 40 ms for 1,000,000 names.
 */
export function searchNames(table: Table, pattern: Pattern, candidates: Bitset): Bitset {
  if (pattern.kind === 'part') return searchPart(table, pattern.part, candidates);
  const found = new Bitset(candidates.size);
  const { bytes, nameLength, nameOffset } = table;
  for (let row = candidates.next(1); row < candidates.size; row = candidates.next(row + 1)) {
    const from = nameOffset[row] ?? 0;
    if (matches(pattern, bytes, from, from + (nameLength[row] ?? 0))) found.add(row);
  }
  return found;
}

/** As above, word by word of the sets: this is what one waits for while typing. */
function searchPart(table: Table, part: Part, candidates: Bitset): Bitset {
  const found = new Bitset(candidates.size);
  const { bytes, nameLength, nameOffset } = table;
  for (let word = 0; word < found.words.length; word += 1) {
    const asked = (candidates.words[word] ?? 0) & (word === 0 ? ~1 : ~0);
    if (asked === 0) continue;
    let hits = 0;
    for (let bit = 0; bit < 32; bit += 1) {
      if (((asked >>> bit) & 1) === 0) continue;
      const row = word * 32 + bit;
      const from = nameOffset[row] ?? 0;
      if (contains(part, bytes, from, from + (nameLength[row] ?? 0))) hits |= 1 << bit;
    }
    found.words[word] = hits;
  }
  return found;
}
