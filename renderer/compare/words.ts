import type { CompareAttribute, CompareStatus } from '../../shared/contract/compare-values.ts';

/** A glyph of its own for each status: colour is never the only sign. */
export const compareGlyphs: Readonly<Record<CompareStatus, string>> = {
  equal: '=',
  changed: '≠',
  added: '+',
  removed: '−',
  moved: '→',
  renamed: '↷',
};

export const compareMeanings: Readonly<Record<CompareStatus, string>> = {
  equal: 'The same on both sides.',
  changed: 'There on both sides, with something that differs.',
  added: 'Only in B.',
  removed: 'Only in A.',
  moved: 'In another directory, with the same content.',
  renamed: 'Under another name in the same directory, with the same content.',
};

export const attributeNames: Readonly<Record<CompareAttribute, string>> = {
  type: 'type',
  mode: 'mode',
  uid: 'owner',
  gid: 'group',
  mtime: 'modification time',
  nlink: 'link count',
  rdev: 'device number',
  size: 'size',
  target: 'symlink target',
  content: 'content',
  digest: 'digest',
  redirect: 'redirect',
  storage: 'inline or object',
  links: 'hard links',
  selinux: 'SELinux label',
  overlay: 'overlay’s xattrs',
  xattrs: 'other xattrs',
};
