import type { CompareCause, CompareExplanation, FormatDifference } from '../../../contract/compare-values.ts';
import { count as counted, grouped } from '../../../verity/explain/words.ts';
import { attributesOf, Change, ONE_SIDED } from '../change.ts';
import type { TreeDiff } from '../compare-trees.ts';
import { pairOf } from '../noise.ts';
import { pairValues } from '../pair-values.ts';
import { pathOfRow } from '../summary.ts';
import { Delta, type CauseRule, type Found } from './delta.ts';
import { causeRules } from './rules.ts';

const MAX_EXAMPLES = 10;
const MAX_FOLDERS = 3;
/** Of the entries with an attribute, for which a rule is likely where it does not explain all. */
const LIKELY = 0.8;

/**
 * Why two trees differ: one rule after the other takes from the differences what it explains, so that each is explained
 * once. The largest cause comes first; what is left comes last, plainly.
 *
 * @param format how the image files differ, if they are looked at
 * @see digest-divergence.md, section 3
 */
export function explainDiff(
  diff: TreeDiff,
  format: readonly FormatDifference[],
  rules: readonly CauseRule[] = causeRules,
): CompareExplanation {
  const delta = new Delta(diff);
  const found: { readonly rule: CauseRule; readonly found: Found }[] = [];
  for (const rule of rules) {
    const cause = rule.find(delta);
    if (cause === undefined || cause.explains.size === 0) continue;
    delta.take(cause);
    found.push({ rule, found: cause });
  }
  const causes = found.map((one) => causeOf(delta, one.rule, one.found)).toSorted((x, y) => y.count - x.count);
  const rest = unexplained(delta);
  const all = rest === undefined ? causes : [...causes, rest];
  return { causes: all, format, headline: headlineOf(delta, causes, rest, format) };
}

function causeOf(
  delta: Delta,
  { id, title, rule, knownFrom, advice }: CauseRule,
  { sentence, explains, confidence }: Found,
): CompareCause {
  const bits = [...explains.values()].reduce((sum, some) => sum | some, 0);
  return {
    id,
    title,
    sentence,
    count: explains.size,
    attributes: wordsOf(bits),
    examples: examplesOf(delta, explains),
    confidence: confidence ?? confidenceOf(delta, explains.size, bits),
    rule,
    knownFrom,
    advice,
  };
}

function confidenceOf(delta: Delta, explained: number, bits: number): CompareCause['confidence'] {
  const rest = delta.differing.filter((row) => (delta.left(row) & bits) !== 0).length;
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
    .filter(({ attribute, differs }) => differs && (words.has(attribute) || (attribute === 'xattr' && hasXattr(words))))
    .map(({ label, a, b }) => `${label} ${a ?? 'none'} → ${b ?? 'none'}`);
  if (words.has('links')) parts.push('other hard links');
  if (words.has('content')) parts.push('other content');
  if ((bits & ONE_SIDED) !== 0 && from !== undefined) parts.unshift(`was ${pathOfRow(diff, from)}`);
  return parts.join(', ');
}

const hasXattr = (words: ReadonlySet<string>): boolean =>
  words.has('xattrs') || words.has('selinux') || words.has('overlay');

/** The largest of them: `size 3, mode 1`. */
const most = (sums: ReadonlyMap<string, number>, limit: number): string =>
  [...sums]
    .toSorted((x, y) => y[1] - x[1])
    .slice(0, limit)
    .map(([word, number]) => `${word} ${grouped(number)}`)
    .join(', ');

function unexplained(delta: Delta): CompareCause | undefined {
  const explains = new Map<number, number>();
  const attributes = new Map<string, number>();
  const folders = new Map<string, number>();
  for (const row of delta.differing) {
    const bits = delta.left(row);
    // what was moved is a difference by itself, the bit alone is not
    if ((bits & ~Change.moved) === 0) continue;
    explains.set(row, bits);
    for (const word of wordsOf(bits)) attributes.set(word, (attributes.get(word) ?? 0) + 1);
    const folder = `/${pathOfRow(delta.diff, row).split('/')[1] ?? ''}`;
    folders.set(folder, (folders.get(folder) ?? 0) + 1);
  }
  if (explains.size === 0) return undefined;
  const bits = [...explains.values()].reduce((sum, some) => sum | some, 0);
  return {
    id: 'unexplained',
    title: 'Not explained by a known cause',
    sentence:
      `${counted(explains.size, 'name')} ${explains.size === 1 ? 'differs' : 'differ'} for no reason that is known: ` +
      `content or metadata really are other ones (${most(attributes, 20)}). Most are in: ${most(folders, MAX_FOLDERS)}.`,
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
  return `${names} ${differing.length === 1 ? 'differs' : 'differ'}. ${first.title}: ${grouped(first.count)}${more}. ${left}`;
}
