import type { DigestSearch } from '../../../../contract/search-values.ts';
import type { FormatVersion } from '../../../../composefs/writer/format-rules.ts';
import { writeImageInSteps } from '../../../../composefs/writer/write-image.ts';
import type { Steps } from '../../../../steps.ts';
import { ImageError } from '../../../../erofs/image-error.ts';
import { count, grouped } from '../../../../verity/explain/words.ts';
import { DraftImage } from '../../../draft-image.ts';
import type { Image } from '../../../image.ts';
import { Flag } from '../../../table.ts';
import { transformsOf } from './candidates.ts';
import { differentPolicies } from '../matrix.ts';
import { foundDigest } from './found.ts';
import { pipelinesOf } from './pipelines.ts';
import type { SearchContext, Transform } from './transform.ts';

const VERSIONS: readonly FormatVersion[] = [0, 1, 2];
const VERSION_OFFSET = 12;
/**
 * Entries that are written for pairs of transformations, and again for whole pipelines; single ones are all tried. About a
 * minute each on a machine of today.
 */
const MAX_ENTRIES = 40_000_000;

export interface SearchOptions extends Pick<SearchContext, 'digestOf' | 'contents'> {
  /** fs-verity digest of a file with these bytes, as hex, by the hash of the one that is looked for. */
  readonly measure: (bytes: Uint8Array) => Steps<string>;
  /** Of the image that the tree is from; undefined: it is none. */
  readonly ownVersion: number | undefined;
  /** Contents that were not at hand, for what could not be tried. */
  readonly missingContents?: number;
  readonly maxEntries?: number;
  /** Images written, how many there may be, and what is tried. */
  readonly progress?: (done: number, total: number, what: string) => void;
}

/**
 * Looks for what must be done to a tree so that its image has a digest: single transformations first, then pairs, then what
 * whole tools do, each in every format. It stops at the first match, which is certain: the image was written. Where there is
 * none, that proves nothing.
 *
 * @param tree with its objects' digests by the hash of the digest that is looked for
 * @param wanted hex
 * @see digest-divergence.md, section 4
 */
export function* searchDigest(tree: Image, wanted: string, options: SearchOptions): Steps<DigestSearch> {
  const { digestOf, contents } = options;
  const context = { tree, digestOf, contents, policies: yield* differentPolicies(tree) };
  return yield* new DigestSearcher(context, wanted, options).run();
}

interface Match {
  readonly transforms: readonly Transform[];
  readonly version: FormatVersion;
}

const NO_PROOF =
  'That none of it has the digest proves nothing: content may be other, or something was done that is not known. Compare the image with the one that the digest is of, and note the versions of both tools.';
const TOOLS = 'mkcomposefs, cfsctl, bootc, ostree and containers/storage';
const singly = (number: number): string => `${count(number, 'transformation')}, each by itself`;

class DigestSearcher {
  readonly #tree: Image;
  readonly #wanted: string;
  readonly #options: SearchOptions;
  readonly #context: SearchContext;
  readonly #hasWhiteouts: boolean;
  readonly #seen = new Set<string>();
  readonly #refused = new Map<FormatVersion, string>();
  #images = 0;
  #entries = 0;
  #total = 0;

  constructor(context: SearchContext, wanted: string, options: SearchOptions) {
    this.#tree = context.tree;
    this.#wanted = wanted;
    this.#options = options;
    this.#context = context;
    const { flags, count: rows } = context.tree.table;
    this.#hasWhiteouts = flags
      .subarray(0, rows)
      .some((bits) => (bits & (Flag.whiteout | Flag.escapedWhiteout)) !== 0 && (bits & Flag.stub) === 0);
  }

  *run(): Steps<DigestSearch> {
    const singles: Transform[] = [];
    for (const one of transformsOf(this.#context)) {
      yield;
      if (this.#applies(one)) singles.push(one);
    }
    const pairs = singles.flatMap((one, at) =>
      singles.slice(at + 1).flatMap((other) => (other.group === one.group ? [] : [[one, other] as const])),
    );
    const pipelines = pipelinesOf(this.#context);
    this.#total = VERSIONS.length * (1 + singles.length + pairs.length + pipelines.length);
    const tried: string[] = [];
    const chains = pipelines.map(({ transforms }) => transforms);
    return (
      (yield* this.#stage(() => 'the tree as it is, in each format', [[]], Infinity, tried)) ??
      (yield* this.#stage(
        singly,
        singles.map((one) => [one]),
        Infinity,
        tried,
      )) ??
      (yield* this.#stage((number) => `${count(number, 'pair')} of them`, pairs, this.#most, tried)) ??
      (yield* this.#stage(
        (number) => `${count(number, 'chain')} of them, as ${TOOLS} do it`,
        chains,
        this.#most,
        tried,
      )) ??
      this.#answer(undefined, tried)
    );
  }

  get #most(): number {
    return this.#options.maxEntries ?? MAX_ENTRIES;
  }

  /** Tries one after the other, until as many entries are written. @param tried gets a sentence on it */
  *#stage(
    words: (number: number) => string,
    all: readonly (readonly Transform[])[],
    most: number,
    tried: string[],
  ): Steps<DigestSearch | undefined> {
    const from = this.#entries;
    let done = 0;
    for (const transforms of all) {
      if (this.#entries - from > most) break;
      const match = yield* this.#try(transforms);
      done += 1;
      if (match !== undefined) return this.#answer(match, tried);
    }
    const others = all.length - done;
    tried.push(
      others === 0
        ? `Tried: ${words(all.length)}.`
        : `Tried: ${grouped(done)} of ${words(all.length)}; the others would take too long for a tree of ${grouped(this.#tree.table.count)} entries.`,
    );
    return undefined;
  }

  /** Whether it changes anything of the tree: what does not need not be written. */
  #applies({ apply, writer }: Transform): boolean {
    return writer !== undefined || apply(new DraftImage(this.#tree), this.#context);
  }

  #answer(match: Match | undefined, tried: readonly string[]): DigestSearch {
    const { ownVersion, missingContents = 0 } = this.#options;
    const expected = this.#wanted;
    if (match === undefined) {
      const refused = [...this.#refused].map(
        ([format, why]) => `Format ${format} could not be written of the tree as it is: ${why}.`,
      );
      const missing =
        missingContents === 0
          ? []
          : [
              `Not tried: to put ${count(missingContents, 'small file')} into the image, as ${missingContents === 1 ? 'its content is' : 'their contents are'} not at hand.`,
            ];
      return { expected, found: undefined, images: this.#images, tried: [...tried, ...refused, ...missing, NO_PROOF] };
    }
    const found = foundDigest({ ...match, ownVersion, hasWhiteouts: this.#hasWhiteouts }, this.#context);
    return { expected, found, images: this.#images, tried };
  }

  /** @returns what of it changed anything, and the format, where that is the digest */
  *#try(wanted: readonly Transform[]): Steps<Match | undefined> {
    const draft = new DraftImage(this.#tree);
    const transforms = wanted.filter((one) => one.apply(draft, this.#context));
    const key = transforms.map(({ transform, what }) => `${transform} ${what}`).join('; ');
    if (this.#seen.has(key)) return undefined;
    this.#seen.add(key);
    const only = transforms.filter(({ formats }) => formats !== undefined);
    const isWritten = (version: FormatVersion): boolean =>
      transforms.length === 0 ||
      only.length < transforms.length ||
      only.some(({ formats }) => formats?.includes(version));
    let before: Uint8Array | undefined;
    for (const version of VERSIONS) {
      if (!isWritten(version)) continue;
      const what = transforms.length === 0 ? 'the tree as it is' : transforms.map((one) => one.what).join('; ');
      yield;
      this.#options.progress?.(this.#images, Math.max(this.#total, this.#images), what);
      before = yield* this.#write(draft, version, transforms, before);
      if (before !== undefined && (yield* this.#options.measure(before)) === this.#wanted)
        return { transforms, version };
    }
    return undefined;
  }

  /** @param before of the format before it */
  *#write(
    draft: DraftImage,
    version: FormatVersion,
    transforms: readonly Transform[],
    before: Uint8Array | undefined,
  ): Steps<Uint8Array | undefined> {
    this.#images += 1;
    if (version === 1 && before !== undefined && !this.#hasWhiteouts) {
      // of a tree without whiteouts, formats 0 and 1 differ in this number alone
      before[VERSION_OFFSET] = 1;
      return before;
    }
    this.#entries += this.#tree.table.count;
    const writer = transforms.find((one) => one.writer !== undefined && one.formats?.includes(version))?.writer;
    const options = { ...draft.options, minVersion: version, maxVersion: version };
    try {
      return yield* writeImageInSteps(draft.source, writer === undefined ? options : { ...options, writer });
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      if (transforms.length === 0) {
        this.#refused.set(version, error.path === undefined ? error.message : `${error.path}: ${error.message}`);
      }
      return undefined;
    }
  }
}
