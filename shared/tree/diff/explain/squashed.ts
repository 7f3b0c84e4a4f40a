import { count } from '../../../verity/explain/words.ts';
import type { CauseRule, CauseWords, Found } from './delta.ts';

export interface FoundCause {
  readonly rule: CauseWords & Partial<CauseRule>;
  readonly found: Found;
}

const PARTS: ReadonlySet<string> = new Set(['D03', 'D12', 'D19']);

/** D42: the image went through something that makes one layer of several, or another one. */
const squash: CauseWords = {
  id: 'D42',
  title: 'Squashed, or one layer more',
  rule: 'Hard links that were lost (D12), with times (D03) or permissions (D19) of directories, explain all that differs.',
  knownFrom: 'podman and buildah with --squash, podman commit, docker export and import: the same final files.',
  advice:
    'Compute the digest from the image as it was built and pushed, layer by layer, and not from what was made of it.',
};

/**
 * Where causes that come from unpacking and packing again are all there is, and links were lost among them, they are one.
 *
 * @param isAll nothing is left unexplained
 */
export function squashed(found: readonly FoundCause[], isAll: boolean): FoundCause[] {
  const ids = new Set(found.map(({ rule }) => rule.id));
  const isSquash = isAll && ids.size > 1 && ids.has('D12') && [...ids].every((id) => PARTS.has(id));
  if (!isSquash) return [...found];
  const explains = new Map<number, number>();
  for (const one of found) {
    for (const [row, bits] of one.found.explains) explains.set(row, (explains.get(row) ?? 0) | bits);
  }
  const parts = found.map(({ rule, found: { sentence } }) => `${sentence.replace(/\.$/, '')} (${rule.id})`).join('; ');
  const sentence = `${count(explains.size, 'name')}: ${parts}. Nothing else differs.`;
  return [{ rule: squash, found: { sentence, explains, confidence: 'strong' } }];
}
