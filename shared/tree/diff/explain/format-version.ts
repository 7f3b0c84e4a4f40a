import type { CompareCause } from '../../../contract/compare-values.ts';
import type { Image } from '../../image.ts';
import { Flag } from '../../table.ts';
import { Change } from '../change.ts';
import { count as counted } from '../../../verity/explain/words.ts';
import type { CauseWords, Delta } from './delta.ts';
import { isWrittenAs, versionOf } from './format/written-by.ts';
import type { Steps } from '../../../steps.ts';

/**
 * D02, D13 and D27: the images have other formats. It is certain of equal trees, where one image, written in the other’s
 * format, is the other one; where more differs, it is one of several reasons.
 *
 * @see digest-divergence.md, sections 3 and 4, T1
 */
export function* formatVersionCause(delta: Delta): Steps<CompareCause | undefined> {
  const { a, b } = delta.diff;
  const versions = [a, b].map(versionOf);
  const [ours, theirs] = versions;
  if (ours === undefined || theirs === undefined || ours === theirs) return undefined;
  const isOtherTree = delta.differing.some(
    (row) => ((delta.diff.changes[row] ?? 0) & ~(Change.mtime | Change.nlink)) !== 0,
  );
  const isProved = !isOtherTree && ((yield* isWrittenAs(a, theirs, b)) || (yield* isWrittenAs(b, ours, a)));
  const isEqual = delta.differing.length === 0;
  const isC = ours !== 2 && theirs !== 2;
  const isBump = isC && hasWhiteouts(ours === 1 ? a : b);
  const hasOne = isBump && !hasWhiteouts(ours === 1 ? b : a);
  const names = isC ? [] : [...(yield* delta.xattrNames('a'))];
  const lustre = names.some(([name]) => name.startsWith('lustre.'))
    ? ' Attributes in lustre. have a prefix of their own in format 2 alone (D38).'
    : '';
  const proof = isProved
    ? 'one, written anew in the other’s format, is the other byte for byte.'
    : isEqual
      ? 'the trees are equal; neither was written anew to the other’s bytes.'
      : `for that alone their digests differ, whatever else does.${hasOne ? ` ${ours === 1 ? 'A' : 'B'} alone has whiteouts, for which mkcomposefs takes format 1.` : ''}`;
  const { more, ...words } = isBump ? bumped : (upgraded(delta, ours, theirs) ?? otherFormats);
  return {
    ...words,
    sentence: `A has format ${ours}, B has format ${theirs}: ${proof}${more}${lustre}`,
    count: 0,
    attributes: [],
    examples: [],
    confidence: isProved ? 'certain' : isEqual || isBump ? 'likely' : 'certain',
  };
}

interface Words extends CauseWords {
  /** What there is to say of this comparison behind the proof. */
  readonly more: string;
}

export const bumped: Words = {
  id: 'D13',
  title: 'A whiteout made it another format',
  rule: 'composefs_version is 0 and 1, and the tree of format 1 has a whiteout.',
  knownFrom:
    'mkcomposefs 1.0.3 and newer write format 1 where the tree has a whiteout; composefs-rs’s mkcomposefs stays at 0.',
  advice: 'Give the format on both sides: --min-version=1, or --max-version=0.',
  more: '',
};

export const otherFormats: Words = {
  id: 'D02',
  title: 'The images have other formats',
  rule: 'composefs_version differs. Where the trees are equal, nanoseconds and link counts aside, one is written anew in the other’s format.',
  knownFrom:
    'composefs-rs writes format 2 up to 0.7.0, and 1 from 0.8.0; bootc 2 up to 1.16.3, then 1; C tools 0, or 1 with whiteouts.',
  advice:
    'Give one format on both sides: --erofs-version, or "erofs_formats":{"default":1} in meta.json of a repository; or build the UKI anew.',
  more: '',
};

/** D27: a repository of before meta.json was given one, and makes format 1 since. */
function upgraded({ evidence: { upgraded: repository } }: Delta, ours: number, theirs: number): Words | undefined {
  const isBoth = Math.min(ours, theirs) === 1 && Math.max(ours, theirs) === 2;
  if (!isBoth || repository === undefined || repository.imageFormat !== 1) return undefined;
  const { path, olderImages } = repository;
  return {
    id: 'D27',
    title: 'An old repository was upgraded to format 1',
    rule: 'composefs_version is 1 and 2; the repository’s meta.json says format 1, and is newer than images of format 2 in it.',
    knownFrom:
      'composefs-rs 0.8.0 and 0.9.0: cfsctl and bootc write meta.json into a repository that has none, with format 1; up to 0.7.0 it made format 2.',
    advice: `Where old UKIs must still match, put "erofs_formats":{"default":2} into ${path}/meta.json before the next pull; or build the UKIs anew.`,
    more: ` ${path} has ${counted(olderImages, 'image')} of format 2 from before its meta.json.`,
  };
}

function hasWhiteouts({ table: { flags, count } }: Image): boolean {
  for (let row = 0; row < count; row += 1) {
    if (((flags[row] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout)) !== 0) return true;
  }
  return false;
}
