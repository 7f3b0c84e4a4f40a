import type { CompareCause } from '../../../contract/compare-values.ts';
import type { FormatVersion } from '../../../composefs/writer/format-rules.ts';
import type { Steps } from '../../../steps.ts';
import { VerityDigester } from '../../../verity/fs-verity.ts';
import { portableHash } from '../../../verity/portable-hash.ts';
import { DraftImage } from '../../draft-image.ts';
import type { Image } from '../../image.ts';
import { Flag } from '../../table.ts';
import { otherSide, sideNames, type Delta } from './delta.ts';
import { isWrittenAs, versionOf } from './format/written-by.ts';
import { differentPolicies } from './matrix.ts';
import { transformsOf } from './search/candidates.ts';
import type { SearchContext, Transform } from './search/transform.ts';

/** Entries that are written for a proof: some seconds. */
const MAX_ENTRIES = 2_000_000;
/** Ways to undo the causes that are tried. */
const MAX_WAYS = 512;
/** Causes that the format alone makes: the other's is written anyway. */
const OF_FORMAT: ReadonlySet<string> = new Set(['D02', 'D13', 'D27']);

/**
 * Whether causes are all that there is: one side's tree, after what they say is done to it, written in the other's format,
 * is the other side byte for byte.
 *
 * @param causes of all that differs; none is left
 * @returns the proof in a sentence; undefined: there is none, which says nothing
 * @see digest-divergence.md, section 3, step 8, and section 4
 */
export function* proofOf(delta: Delta, causes: readonly CompareCause[]): Steps<string | undefined> {
  const ids = new Set(causes.map(({ id }) => id).filter((id) => !OF_FORMAT.has(id)));
  if (ids.size === 0) return undefined;
  for (const side of sideNames) {
    const [tree, made] = [delta.image(side), delta.image(otherSide(side))];
    const version = versionOf(made);
    if (versionOf(tree) === undefined || version === undefined) return undefined;
    const context = yield* contextOf(tree);
    const ways = waysTo(ids, transformsOf(context), version);
    for (const way of ways.slice(0, Math.min(MAX_WAYS, Math.floor(MAX_ENTRIES / tree.table.count)))) {
      yield;
      const draft = new DraftImage(tree);
      const done = way.filter(({ apply }) => apply(draft, context));
      if (done.length < way.length) continue;
      if (!(yield* isWrittenAs(draft.source, version, made, draft.options))) continue;
      const [from, to] = [side.toUpperCase(), otherSide(side).toUpperCase()];
      const what = done.map((one) => one.what).join(', and ');
      return `It is certain: ${from}, written in format ${version}${what === '' ? '' : ` with ${what}`}, is ${to} byte for byte.`;
    }
  }
  return undefined;
}

function* contextOf(tree: Image): Steps<SearchContext> {
  const { flags, count } = tree.table;
  const isLong = flags.subarray(0, count).some((bits) => (bits & Flag.sha512) !== 0);
  const algorithm = isLong ? 'sha512' : 'sha256';
  const digester = new VerityDigester({ algorithm, hash: portableHash(algorithm) });
  const digestOf = (bytes: Uint8Array): Uint8Array => {
    digester.reset();
    digester.update(bytes);
    return digester.digest();
  };
  return { tree, digestOf, contents: new Map(), policies: yield* differentPolicies(tree) };
}

/** Each cause undone in one of the ways that are known for it; none where one has no such way, or they are too many. */
function waysTo(
  ids: ReadonlySet<string>,
  transforms: readonly Transform[],
  version: FormatVersion,
): readonly (readonly Transform[])[] {
  let ways: readonly (readonly Transform[])[] = [[]];
  for (const id of ids) {
    const known = transforms.filter(({ cause, writer }) => cause.id === id && writer === undefined);
    const able = known.filter(({ formats }) => version !== 2 || formats?.includes(2) !== false).map((one) => [one]);
    // what a format does by itself needs no way
    const all = able.length < known.length ? [[], ...able] : able;
    ways = ways.flatMap((way) => all.map((some) => way.concat(some)));
    if (ways.length > MAX_WAYS) return [];
  }
  // in the order in which tools do it
  const at = new Map(transforms.map((one, index) => [one, index]));
  return ways.map((way) => way.toSorted((x, y) => (at.get(x) ?? 0) - (at.get(y) ?? 0)));
}
