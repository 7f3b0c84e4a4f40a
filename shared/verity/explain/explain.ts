import { badStatuses } from '../../contract/status.ts';
import type { Certainty, Explanation, Finding, RuledOut } from '../../contract/verify-values.ts';
import { firstPair, stripOf } from './compare-blocks.ts';
import { isFinding, type Evidence, type Rule } from './evidence.ts';
import { allRules, contentRules } from './rules.ts';

const order: readonly Certainty[] = ['certain', 'likely', 'possible'];

/**
 * Why an object is bad: asks one rule after the other, the cheap ones first, and none for what became of the content once
 * that is certain. What is not found is said, with what was ruled out on the way.
 */
export async function explain(evidence: Evidence, rules: readonly Rule[] = allRules): Promise<Explanation> {
  const findings: Finding[] = [];
  const ruledOut: RuledOut[] = [];
  const notTried: RuledOut[] = [];
  let isContentKnown = false;
  if (badStatuses.has(evidence.status)) {
    for (const rule of rules) {
      if (isContentKnown && contentRules.has(rule)) continue;
      const outcome = await rule.examine(evidence);
      if (outcome === undefined) continue;
      if (isFinding(outcome)) {
        findings.push(outcome);
        isContentKnown ||= outcome.certainty === 'certain' && contentRules.has(rule);
      } else {
        if (outcome.ruledOut !== undefined) ruledOut.push({ rule: rule.id, sentence: outcome.ruledOut });
        if (outcome.notTried !== undefined) notTried.push({ rule: rule.id, sentence: outcome.notTried });
      }
    }
  }
  const isWrong = ['digest-mismatch', 'size-mismatch', 'wrong-seal'].includes(evidence.status);
  const copy = badStatuses.has(evidence.status) ? await evidence.goodCopy() : undefined;
  return {
    status: evidence.status,
    // sorting keeps the order of the rules among those that are as certain
    findings: findings.toSorted((a, b) => order.indexOf(a.certainty) - order.indexOf(b.certainty)),
    ruledOut,
    notTried,
    strip: isWrong ? await stripOf(evidence) : undefined,
    firstDifference: isWrong ? await firstPair(evidence) : undefined,
    goodCopy: copy && { path: copy.path, where: copy.where },
  };
}
