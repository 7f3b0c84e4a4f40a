import { compareAttributes, type CompareAttribute, type CompareStatus } from '../../contract/compare-values.ts';

/** What differs in a row of a comparison, one bit each: the attributes in the contract's order, then what became of it. */
export const Change = {
  type: 1 << 0,
  mode: 1 << 1,
  uid: 1 << 2,
  gid: 1 << 3,
  mtime: 1 << 4,
  nlink: 1 << 5,
  rdev: 1 << 6,
  size: 1 << 7,
  target: 1 << 8,
  content: 1 << 9,
  digest: 1 << 10,
  redirect: 1 << 11,
  storage: 1 << 12,
  links: 1 << 13,
  selinux: 1 << 14,
  overlay: 1 << 15,
  xattrs: 1 << 16,
  /** On B alone. */
  added: 1 << 17,
  /** On A alone. */
  removed: 1 << 18,
  /** With `added` or `removed`: it has another place on the other side, which `partner` names. */
  moved: 1 << 19,
} as const satisfies Record<CompareAttribute | 'added' | 'removed' | 'moved', number>;

export const ATTRIBUTES = Change.added - 1;
export const XATTRS = Change.selinux | Change.overlay | Change.xattrs;
export const ONE_SIDED = Change.added | Change.removed;

/** The attributes of a row's bits, in the contract's order. */
export const attributesOf = (bits: number): readonly CompareAttribute[] =>
  compareAttributes.filter((attribute) => (bits & Change[attribute]) !== 0);

/** Bits of attributes by their names. */
export const bitsOf = (attributes: readonly CompareAttribute[]): number =>
  attributes.reduce((bits, attribute) => bits | Change[attribute], 0);

/** @param isRenamed of what was moved: it is in the same directory */
export function statusOfBits(bits: number, isRenamed: boolean): CompareStatus {
  if ((bits & Change.moved) !== 0) return isRenamed ? 'renamed' : 'moved';
  if ((bits & Change.added) !== 0) return 'added';
  if ((bits & Change.removed) !== 0) return 'removed';
  return bits === 0 ? 'equal' : 'changed';
}
