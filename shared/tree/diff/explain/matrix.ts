import type { MatrixCell } from '../../../contract/compare-values.ts';
import type { FormatVersion } from '../../../composefs/writer/format-rules.ts';
import { writeImage } from '../../../composefs/writer/write-image.ts';
import { ImageError } from '../../../erofs/image-error.ts';
import type { VerityAlgorithm } from '../../../verity/fs-verity.ts';
import type { Image } from '../../image.ts';
import { SourceXattrs } from '../source-xattrs.ts';
import { FilteredImage } from './filtered-image.ts';
import { xattrPolicies, type XattrPolicy } from './xattr-policies.ts';

const VERSIONS = [0, 1, 2] as const;
const ALGORITHMS = ['sha256', 'sha512'] as const;
/** Whatever is kept of the xattrs, it comes to the same. */
const ANY = 'any';

/** Digests that a cell may have, as hex; undefined: there is none. */
export interface KnownDigests {
  readonly own: string | undefined;
  readonly expected: string | undefined;
  readonly other: string | undefined;
}

/** The tree with its objects' digests by one hash; or why there is none. */
export type TreeOfHash = Image | string;

/**
 * The digest that a tree has when it is written in each way that is known: format × hash × xattrs. A cell at a time, as
 * each is a whole image.
 *
 * @param measure fs-verity digest of a file with these bytes, as hex
 * @see digest-divergence.md, section 4: T1 and T3
 */
export function* matrixCells(
  trees: Readonly<Record<VerityAlgorithm, TreeOfHash>>,
  known: KnownDigests,
  measure: (bytes: Uint8Array, algorithm: VerityAlgorithm) => string,
): Generator<MatrixCell, void, void> {
  const none = { digest: undefined, equals: [] };
  for (const algorithm of ALGORITHMS) {
    const image = trees[algorithm];
    for (const formatVersion of VERSIONS) {
      if (typeof image === 'string') {
        yield { formatVersion, algorithm, xattrs: ANY, why: image, ...none };
        continue;
      }
      for (const { words, keeps } of differentPolicies(image)) {
        const cell = { formatVersion, algorithm, xattrs: words };
        const made = written(new FilteredImage(image, keeps), formatVersion);
        if (made instanceof ImageError) {
          // but for room, it is not the xattrs that an image fails for
          const isAny = made.code !== 'limit';
          const reason = made.path === undefined ? made.message : `${made.path}: ${made.message}`;
          yield { ...cell, xattrs: isAny ? ANY : words, why: reason, ...none };
          if (isAny) break;
          continue;
        }
        const digest = measure(made, algorithm);
        const equals = (['own', 'expected', 'other'] as const).filter((name) => known[name] === digest);
        yield { ...cell, digest, why: undefined, equals };
      }
    }
  }
}

/** Policies that keep the same of this tree are one. */
function differentPolicies(image: Image): readonly XattrPolicy[] {
  const names = new Set<string>();
  const source = new SourceXattrs(image);
  for (let row = 0; row < image.table.count; row += 1) for (const { name } of source.of(row)) names.add(name);
  const groups = new Map<string, XattrPolicy[]>();
  for (const policy of xattrPolicies) {
    const key = [...names].filter(policy.keeps).join(' ');
    groups.set(key, [...(groups.get(key) ?? []), policy]);
  }
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const all = [first, ...more].map(({ words }) => words);
    return [{ words: groups.size === 1 ? ANY : all.join(' or '), keeps: first.keeps }];
  });
}

/** The image, or why there is none. */
function written(image: Image, version: FormatVersion): Uint8Array | ImageError {
  try {
    return writeImage(image, { minVersion: version, maxVersion: version });
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return error;
  }
}
