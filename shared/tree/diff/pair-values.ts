import type { CompareAttribute, CompareValue } from '../../contract/compare-values.ts';
import { decodeXattr } from '../../composefs/decode-xattr.ts';
import { deviceNumbers, formatMode, formatTime, kindOf } from '../format.ts';
import type { Image } from '../image.ts';
import { digestBytes, redirectBytes } from '../row.ts';
import { symlinkTarget } from '../symlink.ts';
import { displayBytes, equalBytes, hexOfBytes } from '../text.ts';
import { Change, ONE_SIDED, XATTRS } from './change.ts';
import { sourceMode, storageOf } from './compare-entries.ts';
import type { TreeDiff } from './compare-trees.ts';
import { pairOf, type Seen } from './noise.ts';
import { changeOfXattr, type SourceXattr } from './source-xattrs.ts';

/** Bytes of a value that are told where it is no text. */
const MAX_VALUE = 256;

const byName = (list: readonly SourceXattr[]): ReadonlyMap<string, Uint8Array> =>
  new Map(list.map(({ name, value }) => [name, value]));

/** What a pair of entries has, side by side, in words; attributes that neither has are left out. */
export const pairValues = (diff: TreeDiff, seen: Seen, row: number): readonly CompareValue[] =>
  valuesOf(diff, seen, row, ~0);

/** Of these, those that differ and are not ignored. Of what is on one side alone, none. */
export function differingValues(diff: TreeDiff, seen: Seen, row: number): readonly CompareValue[] {
  if (pairOf(diff, row) === undefined) return [];
  const values = valuesOf(diff, seen, row, seen.changes[row] ?? 0);
  return values.filter(({ differs, ignored }) => differs && !ignored);
}

/** @param wanted bits of `Change` that are asked for: what has none of them is not looked at */
function valuesOf(diff: TreeDiff, seen: Seen, row: number, wanted: number): readonly CompareValue[] {
  const pair = pairOf(diff, row);
  const entryA = pair?.entryA ?? diff.rowA[row] ?? -1;
  const entryB = pair?.entryB ?? diff.rowB[row] ?? -1;
  const raw = diff.changes[row] ?? 0;
  const shown = seen.changes[row] ?? 0;
  const values: CompareValue[] = [];
  const add = (
    attribute: CompareAttribute,
    label: string,
    of: (image: Image, entry: number) => string | undefined,
  ): void => {
    const a = entryA < 0 ? undefined : of(diff.a, entryA);
    const b = entryB < 0 ? undefined : of(diff.b, entryB);
    if (a === undefined && b === undefined) return;
    const differs = pair === undefined || (raw & Change[attribute]) !== 0;
    const isIgnored = (raw & ~shown & Change[attribute]) !== 0 || ((raw & ONE_SIDED) !== 0 && shown === 0);
    values.push({ attribute, label, a, b, differs, ignored: differs && isIgnored });
  };
  for (const { attribute, label, of } of attributes) if ((wanted & Change[attribute]) !== 0) add(attribute, label, of);
  if ((wanted & XATTRS) === 0) return values;
  const xattrsA = entryA < 0 ? [] : diff.comparer.xattrsA.of(entryA);
  const xattrsB = entryB < 0 ? [] : diff.comparer.xattrsB.of(entryB);
  const [ours, theirs] = [byName(xattrsA), byName(xattrsB)];
  for (const name of [...new Set([...ours.keys(), ...theirs.keys()])].toSorted()) {
    const [a, b] = [ours.get(name), theirs.get(name)];
    const differs = a === undefined || b === undefined || !equalBytes(a, b);
    values.push({
      attribute: 'xattr',
      label: name,
      a: a && valueText(name, a),
      b: b && valueText(name, b),
      differs,
      ignored: differs && pair !== undefined && (shown & changeOfXattr(name)) === 0,
    });
  }
  return values;
}

/** An xattr's value in words, or as hex. */
export function valueText(name: string, value: Uint8Array): string {
  const decoded = decodeXattr(name, value);
  if (decoded !== undefined) return decoded;
  if (value.length === 0) return '(empty)';
  return `0x${hexOfBytes(value.subarray(0, MAX_VALUE))}${value.length > MAX_VALUE ? '…' : ''}`;
}

/** What an attribute is on a side, in words; undefined: it has none. */
interface Described {
  readonly attribute: Exclude<CompareAttribute, 'links' | 'selinux' | 'overlay' | 'xattrs'>;
  readonly label: string;
  readonly of: (image: Image, entry: number) => string | undefined;
}

const isFile = (image: Image, entry: number): boolean => kindOf(image, entry) === 'file';

const attributes: readonly Described[] = [
  { attribute: 'type', label: 'type', of: kindOf },
  {
    attribute: 'mode',
    label: 'mode',
    of: (image, entry) => {
      const mode = sourceMode(image, entry);
      return `${(mode & 0o7777).toString(8).padStart(4, '0')} ${formatMode(mode)}`;
    },
  },
  { attribute: 'uid', label: 'owner', of: ({ table }, entry) => String(table.uid[entry] ?? 0) },
  { attribute: 'gid', label: 'group', of: ({ table }, entry) => String(table.gid[entry] ?? 0) },
  {
    attribute: 'mtime',
    label: 'modified',
    of: (image, entry) => formatTime(image.table.mtime[entry] ?? 0, image.table.mtimeNsec[entry] ?? 0, 'full'),
  },
  {
    attribute: 'size',
    label: 'size',
    of: (image, entry) => (isFile(image, entry) ? `${image.table.size[entry] ?? 0} bytes` : undefined),
  },
  {
    attribute: 'nlink',
    label: 'links',
    of: (image, entry) => (kindOf(image, entry) === 'directory' ? undefined : String(image.table.nlink[entry] ?? 0)),
  },
  {
    attribute: 'rdev',
    label: 'device',
    of: (image, entry) => {
      const kind = kindOf(image, entry);
      if (kind !== 'char' && kind !== 'block') return undefined;
      const { major, minor } = deviceNumbers(image.table.rdev[entry] ?? 0);
      return `${major}:${minor}`;
    },
  },
  {
    attribute: 'target',
    label: 'target',
    of: (image, entry) => {
      const target = symlinkTarget(image, entry);
      return target && displayBytes(target);
    },
  },
  {
    attribute: 'storage',
    label: 'stored',
    of: (image, entry) => (isFile(image, entry) ? storageWords[storageOf(image, entry)] : undefined),
  },
  {
    attribute: 'digest',
    label: 'digest',
    of: ({ table }, entry) => {
      const digest = digestBytes(table, entry);
      return digest && `${digest.length === 64 ? 'sha512' : 'sha256'}:${hexOfBytes(digest)}`;
    },
  },
  {
    attribute: 'redirect',
    label: 'redirect',
    of: ({ table }, entry) => {
      const redirect = redirectBytes(table, entry);
      return redirect && displayBytes(redirect);
    },
  },
];

const storageWords = {
  empty: 'empty',
  inline: 'in the image',
  object: 'in an object',
  elsewhere: 'in the directory',
} as const;
