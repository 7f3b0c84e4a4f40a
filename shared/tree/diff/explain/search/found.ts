import type { FoundDigest } from '../../../../contract/search-values.ts';
import type { FormatVersion } from '../../../../composefs/writer/format-rules.ts';
import { bumped, otherFormats } from '../format-version.ts';
import type { SearchContext, Transform } from './transform.ts';

interface Match {
  readonly transforms: readonly Transform[];
  readonly version: FormatVersion;
  /** Of the image that the tree is from; undefined: it is none. */
  readonly ownVersion: number | undefined;
  readonly hasWhiteouts: boolean;
}

const SAME_TREE = 'Nothing in the tree differs: make both images with the same tool and release.';
const RIGHT_TREE = 'It is the right tree: make the image of it in that format, as it is.';

/** What it means that an image has the digest, and what to do (digest-divergence.md, section 9). */
export function foundDigest(match: Match, context: SearchContext): FoundDigest {
  const { transforms, version, ownVersion, hasWhiteouts } = match;
  const isOther = ownVersion !== undefined && ownVersion !== version;
  const isBump = isOther && hasWhiteouts && version !== 2 && ownVersion !== 2;
  const format = isOther ? [{ transform: isBump ? 'T17' : 'T1', ...formatStep(version, ownVersion, isBump) }] : [];
  const steps = transforms.map(({ transform, what, cause }) => ({
    transform,
    what,
    cause: cause.id,
    title: cause.title,
  }));
  const own = isOther ? `; the image at hand has format ${ownVersion}` : '';
  const done = transforms.length === 0 ? '' : `, with ${listOf(transforms.map(({ what }) => what))}`;
  const sentence =
    transforms.length === 0 && !isOther && ownVersion !== undefined
      ? `It is the digest of this very tree as Composcope writes it in format ${version}: the file at hand is laid out in another way.`
      : `It is the digest of this tree written in format ${version}${done}${own}.`;
  const advice = [
    ...(isOther ? formatAdvice(version, ownVersion, isBump) : []),
    ...transforms.flatMap((one) => one.advice?.(context) ?? [one.cause.advice]),
  ];
  if (advice.length === 0) advice.push(ownVersion === undefined ? RIGHT_TREE : SAME_TREE);
  return { sentence, formatVersion: version, steps: [...steps, ...format], advice: [...new Set(advice)] };
}

const formatStep = (version: number, ownVersion: number, isBump: boolean) => ({
  what: `format ${version} in the place of format ${ownVersion}`,
  cause: isBump ? bumped.id : otherFormats.id,
  title: isBump ? bumped.title : otherFormats.title,
});

function formatAdvice(version: number, ownVersion: number, isBump: boolean): readonly string[] {
  if (isBump) return [bumped.advice];
  if (version === 0 || ownVersion === 0) return [otherFormats.advice];
  return [
    `It was sealed with format ${version}, and what made this image makes format ${ownVersion}: put "erofs_formats":{"default":${version}} into meta.json of the repository, or build the UKI anew with a tool that makes format ${ownVersion}.`,
  ];
}

function listOf(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')}, and ${last}`;
}
