import type { CompareCause } from '../../../contract/compare-values.ts';
import type { Image } from '../../image.ts';
import { Flag } from '../../table.ts';
import { Change } from '../change.ts';
import type { Delta } from './delta.ts';
import { isWrittenAs, versionOf } from './format/written-by.ts';
import type { Steps } from '../../../steps.ts';

/**
 * D02 and D13: the images have other formats. It is certain of equal trees, where one image, written in the other’s format,
 * is the other one; where more differs, it is one of several reasons.
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
  const isProved = !isOtherTree && (isWrittenAs(a, theirs, b) || isWrittenAs(b, ours, a));
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
  return {
    id: isBump ? 'D13' : 'D02',
    title: isBump ? 'A whiteout made it another format' : 'The images have other formats',
    sentence: `A has format ${ours}, B has format ${theirs}: ${proof}${lustre}`,
    count: 0,
    attributes: [],
    examples: [],
    confidence: isProved ? 'certain' : isEqual || isBump ? 'likely' : 'certain',
    rule: isBump
      ? 'composefs_version is 0 and 1, and the tree of format 1 has a whiteout.'
      : 'composefs_version differs. Where the trees are equal, nanoseconds and link counts aside, one is written anew in the other’s format.',
    knownFrom: isBump
      ? 'mkcomposefs 1.0.3 and newer write format 1 where the tree has a whiteout; composefs-rs’s mkcomposefs stays at 0.'
      : 'composefs-rs writes format 2 up to 0.7.0, and 1 from 0.8.0; bootc 2 up to 1.16.3, then 1; C tools 0, or 1 with whiteouts.',
    advice: isBump
      ? 'Give the format on both sides: --min-version=1, or --max-version=0.'
      : 'Give one format on both sides: --erofs-version, or "erofs_formats":{"default":1} in meta.json of a repository; or build the UKI anew.',
  };
}

function hasWhiteouts({ table: { flags, count } }: Image): boolean {
  for (let row = 0; row < count; row += 1) {
    if (((flags[row] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout)) !== 0) return true;
  }
  return false;
}
