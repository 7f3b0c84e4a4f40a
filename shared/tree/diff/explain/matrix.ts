import type { MatrixCell } from '../../../contract/compare-values.ts';
import type { FormatVersion } from '../../../composefs/writer/format-rules.ts';
import { writeImageInSteps } from '../../../composefs/writer/write-image.ts';
import { ImageError } from '../../../erofs/image-error.ts';
import { upTo, type Steps } from '../../../steps.ts';
import type { VerityAlgorithm } from '../../../verity/fs-verity.ts';
import type { Image } from '../../image.ts';
import { SourceXattrs } from '../source-xattrs.ts';
import { FilteredImage } from '../../filtered-image.ts';
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
 * The digest that a tree has when it is written in each way that is known: format × hash × xattrs. Each cell is a whole
 * image: undefined comes where others may have their turn.
 *
 * @param measure fs-verity digest of a file with these bytes, as hex
 * @param progress how many cells are done, of how many, and which one is next in a few words
 * @see digest-divergence.md, section 4: T1 and T3
 */
export function* matrixCells(
  trees: Readonly<Record<VerityAlgorithm, TreeOfHash>>,
  known: KnownDigests,
  measure: (bytes: Uint8Array, algorithm: VerityAlgorithm) => Steps<string>,
  progress: (done: number, total: number, what: string) => void = () => undefined,
): Generator<MatrixCell | undefined, void, undefined> {
  const policies = {
    sha256: yield* differentPolicies(trees.sha256),
    sha512: yield* differentPolicies(trees.sha512),
  };
  const total = VERSIONS.length * (policies.sha256.length + policies.sha512.length);
  let done = 0;
  const none = { digest: undefined, equals: [] };
  for (const algorithm of ALGORITHMS) {
    const image = trees[algorithm];
    for (const formatVersion of VERSIONS) {
      const start = done;
      done += policies[algorithm].length;
      if (typeof image === 'string') {
        yield { formatVersion, algorithm, xattrs: ANY, why: image, ...none };
        continue;
      }
      for (const [index, { words, keeps }] of policies[algorithm].entries()) {
        const cell = { formatVersion, algorithm, xattrs: words };
        progress(start + index, total, `format ${formatVersion}, xattrs: ${words}`);
        const made = yield* written(new FilteredImage(image, keeps), formatVersion);
        if (made instanceof ImageError) {
          // but for room, it is not the xattrs that an image fails for
          const isAny = made.code !== 'limit';
          const reason = made.path === undefined ? made.message : `${made.path}: ${made.message}`;
          yield { ...cell, xattrs: isAny ? ANY : words, why: reason, ...none };
          if (isAny) break;
          continue;
        }
        const digest = yield* measure(made, algorithm);
        const equals = (['own', 'expected', 'other'] as const).filter((name) => known[name] === digest);
        yield { ...cell, digest, why: undefined, equals };
      }
    }
  }
}

/** A policy, and what of a tree it drops. */
export interface PolicyOfTree extends XattrPolicy {
  /** Names. */
  readonly dropped: readonly string[];
}

/** Policies that keep the same of this tree are one; of no tree, there is one. */
export function* differentPolicies(image: TreeOfHash): Steps<readonly PolicyOfTree[]> {
  const names = new Set<string>();
  if (typeof image !== 'string') {
    const source = new SourceXattrs(image);
    yield* upTo(image.table.count, (row) => {
      for (const { name } of source.of(row)) names.add(name);
    });
  }
  const groups = new Map<string, XattrPolicy[]>();
  for (const policy of xattrPolicies) {
    const key = [...names].filter(policy.keeps).join(' ');
    groups.set(key, [...(groups.get(key) ?? []), policy]);
  }
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const all = [first, ...more].map(({ words }) => words);
    const dropped = [...names].filter((name) => !first.keeps(name));
    return [{ words: groups.size === 1 ? ANY : all.join(' or '), keeps: first.keeps, dropped }];
  });
}

/** The image, or why there is none. */
function* written(image: Image, version: FormatVersion): Steps<Uint8Array | ImageError> {
  try {
    return yield* writeImageInSteps(image, { minVersion: version, maxVersion: version });
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return error;
  }
}
