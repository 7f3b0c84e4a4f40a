import type { CompareCause, CompareExplanation, FormatDifference } from '../../../contract/compare-values.ts';
import { count as counted, grouped } from '../../../verity/explain/words.ts';
import { attributesOf, Change, ONE_SIDED } from '../change.ts';
import type { TreeDiff } from '../compare-trees.ts';
import { pairOf } from '../noise.ts';
import { pairValues } from '../pair-values.ts';
import { changeOfXattr } from '../source-xattrs.ts';
import { pathOfRow } from '../summary.ts';
import { Delta, type CauseRule, type CauseWords } from './delta.ts';
import { dumpArtefacts } from './dump-artefacts.ts';
import type { Evidence } from './evidence.ts';
import { compareFormat } from './format/compare-format.ts';
import type { FormatRule } from './format/format-rule.ts';
import { formatRules } from './format/format-rules.ts';
import { formatVersionCause } from './format-version.ts';
import { withLinksOfNames } from './links-of-names.ts';
import { proofOf } from './prove.ts';
import { roundTripCause } from './round-trip.ts';
import { causeRules } from './rules.ts';
import { squashed, type FoundCause } from './squashed.ts';
import { each, type Steps } from '../../../steps.ts';

const MAX_EXAMPLES = 10;
const MAX_FOLDERS = 3;
/** Of the entries with an attribute, for which a rule is likely where it does not explain all. */
const LIKELY = 0.8;

/** How an explanation is made, and how far it is. */
export interface ExplainOptions {
  readonly rules?: readonly CauseRule[];
  readonly formatRules?: readonly FormatRule[];
  /** Whether the files themselves are looked at, where both sides are files. */
  readonly ofFiles?: boolean;
  /** What stores and repositories say, where they are at hand. */
  readonly evidence?: Evidence;
  /** @param what is looked at next, in a few words */
  readonly progress?: (done: number, total: number, what: string) => void;
}

/**
 * Why two trees differ: one rule after the other takes from the differences what it explains, so that each is explained
 * once. The largest cause comes first; what is left comes last, plainly. Where the trees are equal, the rules of the format
 * say why the files are not.
 *
 * @see digest-divergence.md, section 3
 */
export function* explainDiff(diff: TreeDiff, options: ExplainOptions = {}): Steps<CompareExplanation> {
  const {
    rules = causeRules,
    formatRules: ofFormat = formatRules,
    ofFiles = true,
    evidence,
    progress = () => undefined,
  } = options;
  const total = rules.length + 4;
  const delta = new Delta(diff, evidence);
  const tripped = ofFiles
    ? yield* roundTripCause(delta, (rows) => examplesOf(delta, changesOf(delta, rows)))
    : undefined;
  if (tripped !== undefined) {
    const format = yield* compareFormat(diff);
    return {
      causes: [tripped],
      format,
      headline: headlineOf(delta, [tripped], undefined, format),
      proof: undefined,
      artefacts: [],
    };
  }
  let found: FoundCause[] = [];
  for (const [done, rule] of rules.entries()) {
    if (delta.differing.length === 0) break;
    progress(done, total, rule.title);
    const cause = yield* rule.find(delta);
    if (cause === undefined || cause.explains.size === 0) continue;
    delta.take(cause);
    found.push({ rule, found: cause });
  }
  progress(rules.length, total, 'What is left');
  found = yield* withLinksOfNames(delta, found);
  const rest = yield* unexplained(delta);
  found = squashed(found, rest === undefined);
  const causes: CompareCause[] = [];
  for (const one of found) causes.push(yield* causeOf(delta, one));
  causes.sort((x, y) => y.count - x.count);
  const version = ofFiles ? yield* formatVersionCause(delta) : undefined;
  if (version !== undefined) causes.unshift(version);
  progress(rules.length + 1, total, 'How the files differ');
  const format = ofFiles ? yield* compareFormat(diff) : [];
  progress(rules.length + 2, total, 'How the files differ');
  const isEqual = delta.differing.length === 0;
  // of equal trees, another format says it all
  if (format.length > 0 && !(isEqual && version !== undefined)) {
    const known = new Set(causes.map(({ id }) => id));
    const asked = ofFormat.filter(({ id, ofAnyTrees = false }) => (isEqual || ofAnyTrees) && !known.has(id));
    causes.push(...(yield* formatCauses(delta, format, asked)));
  }
  progress(rules.length + 3, total, 'Whether that is all');
  const proof = ofFiles && rest === undefined && !isEqual ? yield* proofOf(delta, causes) : undefined;
  const told = proof === undefined ? causes : causes.map((cause) => ({ ...cause, confidence: 'certain' as const }));
  const all = rest === undefined ? told : [...told, rest];
  return {
    causes: all,
    format,
    headline: headlineOf(delta, causes, rest, format),
    proof,
    artefacts: yield* dumpArtefacts(diff),
  };
}

/** All that differs in some rows, explained or not; as many as are shown. */
const changesOf = ({ diff }: Delta, rows: readonly number[]): ReadonlyMap<number, number> =>
  new Map(rows.slice(0, MAX_EXAMPLES).map((row) => [row, diff.changes[row] ?? 0]));

function* causeOf(delta: Delta, { rule: known, found }: FoundCause): Steps<CompareCause> {
  const { sentence, explains, confidence } = found;
  const bits = [...explains.values()].reduce((sum, some) => sum | some, 0);
  return {
    ...wordsOfRule(known),
    sentence,
    count: explains.size,
    attributes: wordsOf(bits),
    examples: examplesOf(delta, explains),
    confidence: confidence ?? (yield* confidenceOf(delta, explains.size, bits)),
  };
}

const wordsOfRule = ({ id, title, rule, knownFrom, advice }: CauseWords): CauseWords => ({
  id,
  title,
  rule,
  knownFrom,
  advice,
});

function* formatCauses(
  delta: Delta,
  format: readonly FormatDifference[],
  rules: readonly FormatRule[],
): Steps<readonly CompareCause[]> {
  const causes: CompareCause[] = [];
  for (const rule of rules) {
    const found = yield* rule.find(delta, format);
    if (found === undefined) continue;
    const { sentence, rows, confidence } = found;
    const examples = rows
      .slice(0, MAX_EXAMPLES)
      .map(({ row, what }) => ({ row, path: pathOfRow(delta.diff, row), what }));
    causes.push({ ...wordsOfRule(rule), sentence, count: rows.length, attributes: [], examples, confidence });
  }
  return causes;
}

/** How much of the same attributes stays unexplained (digest-divergence.md, section 3). */
function* confidenceOf(delta: Delta, explained: number, bits: number): Steps<CompareCause['confidence']> {
  let rest = 0;
  yield* each(delta.differing, (row) => {
    if ((delta.left(row) & bits) !== 0) rest += 1;
  });
  if (rest === 0) return 'strong';
  return explained / (explained + rest) >= LIKELY ? 'likely' : 'possible';
}

function wordsOf(bits: number): CompareCause['attributes'] {
  return [
    ...attributesOf(bits),
    ...((bits & Change.added) === 0 ? [] : (['added'] as const)),
    ...((bits & Change.removed) === 0 ? [] : (['removed'] as const)),
  ];
}

function examplesOf(delta: Delta, explains: ReadonlyMap<number, number>): CompareCause['examples'] {
  const examples: CompareCause['examples'][number][] = [];
  for (const [row, bits] of explains) {
    if (examples.length === MAX_EXAMPLES) break;
    examples.push({ row, path: pathOfRow(delta.diff, row), what: whatDiffers(delta.diff, row, bits) });
  }
  return examples;
}

/** `mtime 1970-… → 2024-…`, of the bits alone. */
function whatDiffers(diff: TreeDiff, row: number, bits: number): string {
  const from = diff.partner.get(row);
  if (pairOf(diff, row) === undefined) return (bits & Change.removed) !== 0 ? 'only in A' : 'only in B';
  const words = new Set<string>(attributesOf(bits));
  const seen = { changes: diff.changes, differing: diff.differing, ignored: 0 };
  const parts = pairValues(diff, seen, row)
    .filter(({ attribute, label, differs }) => differs && (words.has(attribute) || isXattrOf(bits, attribute, label)))
    .map(({ label, a, b }) => `${label} ${a ?? 'none'} → ${b ?? 'none'}`);
  if (words.has('links')) parts.push('other hard links');
  if (words.has('content')) parts.push('other content');
  if ((bits & ONE_SIDED) !== 0 && from !== undefined) parts.unshift(`was ${pathOfRow(diff, from)}`);
  return parts.join(', ');
}

const isXattrOf = (bits: number, attribute: string, name: string): boolean =>
  attribute === 'xattr' && (changeOfXattr(name) & bits) !== 0;

/** The largest of them: `size 3, mode 1`. */
const most = (sums: ReadonlyMap<string, number>, limit: number): string =>
  [...sums]
    .toSorted((x, y) => y[1] - x[1])
    .slice(0, limit)
    .map(([word, number]) => `${word} ${grouped(number)}`)
    .join(', ');

function* unexplained(delta: Delta): Steps<CompareCause | undefined> {
  const { diff } = delta;
  const explains = new Map<number, number>();
  const sums = new Map<number, number>();
  const folders = new Map<number, number>();
  let [top, stop] = [0, 1];
  yield* each(delta.differing, (row) => {
    // children of the root, one after the other: rows are in depth-first order
    while (row >= stop) {
      top = stop;
      stop = diff.end[top] ?? diff.count;
    }
    const bits = delta.left(row);
    // what was moved is a difference by itself, the bit alone is not
    if ((bits & ~Change.moved) === 0) return;
    explains.set(row, bits);
    sums.set(bits, (sums.get(bits) ?? 0) + 1);
    folders.set(top, (folders.get(top) ?? 0) + 1);
  });
  const attributes = new Map<string, number>();
  for (const [bits, number] of sums) {
    for (const word of wordsOf(bits)) attributes.set(word, (attributes.get(word) ?? 0) + number);
  }
  if (explains.size === 0) return undefined;
  const bits = [...sums.keys()].reduce((sum, some) => sum | some, 0);
  const named = new Map([...folders].map(([row, number]) => [pathOfRow(diff, row), number]));
  return {
    id: 'unexplained',
    title: 'Not explained by a known cause',
    sentence:
      `${counted(explains.size, 'name')} ${explains.size === 1 ? 'differs' : 'differ'} for no reason that is known: ` +
      `content or metadata really are other ones (${most(attributes, 20)}). Most are in: ${most(named, MAX_FOLDERS)}.`,
    count: explains.size,
    attributes: wordsOf(bits),
    examples: examplesOf(delta, explains),
    confidence: 'certain',
    rule: '',
    knownFrom: '',
    advice: 'Compute the digest last, and from a reference that cannot change, such as one by its @sha256 digest.',
  };
}

function headlineOf(
  { differing }: Delta,
  causes: readonly CompareCause[],
  rest: CompareCause | undefined,
  format: readonly FormatDifference[],
): string {
  const [first] = causes;
  if (differing.length === 0) {
    const [differs] = format;
    if (first !== undefined) return `The trees are equal; the images store them in other ways. ${first.title}.`;
    return differs === undefined
      ? 'Nothing differs.'
      : `The trees are equal; the images store them in other ways, at first: ${differs.structure}, ${differs.field}.`;
  }
  const names = counted(differing.length, 'name');
  if (first === undefined)
    return `${names} ${differing.length === 1 ? 'differs' : 'differ'}, and no known cause explains it.`;
  const more = causes.length > 1 ? ` and ${counted(causes.length - 1, 'more cause')}` : '';
  const left =
    rest === undefined
      ? 'Nothing is left unexplained.'
      : `${counted(rest.count, 'name')} ${rest.count === 1 ? 'is' : 'are'} not explained, or not wholly.`;
  return `${names} ${differing.length === 1 ? 'differs' : 'differ'}. ${first.title}${first.count === 0 ? '' : `: ${grouped(first.count)}`}${more}. ${left}`;
}
