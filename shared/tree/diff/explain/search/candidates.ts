import type { FormatVersion, OtherWriter } from '../../../../composefs/writer/format-rules.ts';
import { manyShared } from '../format/rules/many-shared.ts';
import { oldLayout } from '../format/rules/old-layout.ts';
import type { CauseWords } from '../delta.ts';
import type { PolicyOfTree } from '../matrix.ts';
import { droppedXattrs } from '../rules/dropped-xattrs.ts';
import { attributeTransforms } from './attribute-transforms.ts';
import { contentTransforms } from './content-transforms.ts';
import type { SearchContext, Transform } from './transform.ts';
import {
  bootableTransforms,
  rootFromUsrButLabel,
  rootFromUsrTransform,
  runEmptiedTransform,
  treeTransforms,
} from './tree-transforms.ts';

const SELINUX = 'security.selinux';

/** T3 and T7: what known policies keep of the xattrs, as far as it is not the same of this tree. */
export const xattrTransforms = ({ policies }: SearchContext): readonly Transform[] =>
  policies.filter(({ dropped }) => dropped.length > 0).map(xattrTransform);

function xattrTransform({ words, keeps, dropped }: PolicyOfTree): Transform {
  const apply: Transform['apply'] = (draft) => {
    draft.keepXattrs(keeps);
    return true;
  };
  const cause = droppedXattrs;
  const group = 'xattrs';
  if (dropped.length === 1 && dropped[0] === SELINUX) {
    return { transform: 'T7', what: 'SELinux labels removed', cause, group, apply };
  }
  const own: Transform = { transform: 'T3', what: `of the xattrs kept: ${words}`, cause, group, apply };
  return /(?<!but )user\.\*/.test(words) ? { ...own, advice: keepUser } : own;
}

const keepUser = (): readonly string[] => [
  'It was made with user.* attributes kept: set the xattr mode alike on both sides (cfsctl --xattrs keep-user-xattrs, mkcomposefs --user-xattrs).',
];

const writers: readonly (readonly [OtherWriter, readonly FormatVersion[], CauseWords, string])[] = [
  ['c-before-1.0.6', [0, 1], oldLayout, 'laid out as by mkcomposefs before 1.0.6'],
  ['composefs-rs', [0, 1], manyShared, 'xattrs shared, and the least time taken, as by composefs-rs'],
  ['composefs-rs-before-0.5.0', [2], oldLayout, 'laid out as by composefs-rs before 0.5.0'],
];

const writerTransforms: readonly Transform[] = writers.map(([writer, formats, cause, what]) => ({
  transform: cause.id,
  what,
  cause,
  group: 'writer',
  formats,
  writer,
  apply: () => true, // whether it does is seen of the image alone
}));

/** All that can be done to a tree, in the order in which it is done where several are: T4, T5, T3, then T6 and the rest. */
export const transformsOf = (context: SearchContext): readonly Transform[] => [
  rootFromUsrTransform,
  rootFromUsrButLabel,
  runEmptiedTransform,
  ...xattrTransforms(context),
  ...bootableTransforms,
  ...attributeTransforms,
  ...treeTransforms,
  ...contentTransforms,
  ...writerTransforms,
];
