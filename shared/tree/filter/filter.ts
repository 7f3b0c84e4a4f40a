import type { FilterFault } from '../../contract/values.ts';
import { Bitset } from '../bitset.ts';
import type { StatusOf } from '../entry-status.ts';
import type { Image } from '../image.ts';
import { nameBytes } from '../table.ts';
import { bytesOfText } from '../text.ts';

/** What a filter, and a view, look at. */
export interface TreeContext {
  readonly image: Image;
  readonly statusOf: StatusOf;
}

export interface FilterResult {
  /** Rows that match by themselves; undefined: the text says nothing, all do. */
  readonly matches: Bitset | undefined;
  /** The answer changes with the statuses: it has a `verity:` term. */
  readonly usesStatus: boolean;
  readonly fault: undefined;
}

const fold = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

/** Which entries a filter's text asks for, or what is wrong with the text. */
export function filterEntries(text: string, { image }: TreeContext): FilterResult | { readonly fault: FilterFault } {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return { matches: undefined, usesStatus: false, fault: undefined };
  const matches = new Bitset(image.table.count);
  const patterns = words.map((word) => bytesOfText(word).map(fold));
  for (let entry = 0; entry < image.table.count; entry += 1) {
    const name = nameBytes(image.table, entry).map(fold);
    if (patterns.every((pattern) => indexOf(name, pattern) !== -1)) matches.add(entry);
  }
  return { matches, usesStatus: false, fault: undefined };
}

function indexOf(name: Uint8Array, pattern: Uint8Array): number {
  for (let at = 0; at + pattern.length <= name.length; at += 1) {
    if (pattern.every((byte, i) => byte === name[at + i])) return at;
  }
  return -1;
}
