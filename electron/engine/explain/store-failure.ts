import type { Explanation, FailureDetail } from '../../../shared/contract/verify-values.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { adviceFor } from '../../../shared/verity/explain/advice.ts';
import { explain } from '../../../shared/verity/explain/explain.ts';
import { kernelWords } from '../../../shared/verity/explain/kernel-words.ts';
import { statusMeanings } from '../../../shared/verity/status-words.ts';
import { storeProblem } from '../verify/problem-list.ts';
import type { StoreVerdict } from '../verify/verify-sessions.ts';
import type { ExplainContext } from './failure.ts';
import { findGoodCopy, gatherEvidence } from './object-evidence.ts';

/**
 * Everything that there is to say of an object that is wrong by its own name. No image says how large it should be: that
 * is the size of a good copy in another store, where there is one.
 *
 * @throws the signal's reason
 */
export async function storeFailureDetail(
  wrong: StoreVerdict,
  { stores, digests, limits, signal }: ExplainContext,
): Promise<FailureDetail> {
  const { store, name, want, verdict } = wrong;
  const isPlain = !want.measure.startsWith('verity');
  const digest = want.digest && hexOfBytes(want.digest);
  const redirect = Buffer.from(name, 'latin1');
  const inOrder = [store, ...stores.filter((other) => other !== store)];
  const place = { redirect, twins: [], stores: inOrder, signal };
  // explained is what should have an fs-verity digest; a name that is a plain hash says nothing of one
  const named = { algorithm: want.algorithm, digest: isPlain ? undefined : digest, redirect: name };
  const copy = await findGoodCopy({ ...place, expected: named }, verdict.state, undefined);
  const evidence = await gatherEvidence({
    ...place,
    status: verdict.status,
    expected: { ...named, size: copy?.object.size ?? verdict.state?.size ?? 0 },
    objectsOfDigest: (hex) => digests.named(hex),
    survey: undefined,
    readLimit: limits.read,
    passLimit: limits.pass,
  });
  const explanation: Explanation = isPlain ? { ...nothingKnown, status: verdict.status } : await explain(evidence);
  const content = await evidence.content();
  const found = isPlain ? content?.plain[want.algorithm] : content?.verity[want.algorithm];
  return {
    problem: storeProblem(wrong, explanation),
    algorithm: want.algorithm,
    measure: isPlain ? 'content' : 'fs-verity',
    expectedDigest: digest,
    foundDigest: found ?? (verdict.digest && hexOfBytes(verdict.digest)),
    objectPath: evidence.found?.path,
    objectSize: evidence.found?.size,
    expectedSize: copy?.object.size,
    errno: verdict.errno,
    message: messageOf(wrong),
    explanation,
    kernel: kernelWords({ ...evidence, status: verdict.status }, explanation, '…'),
    uses: [],
    usesOmitted: 0,
    advice: [
      ...adviceFor(evidence, explanation),
      'Open the images that need it to see which paths it hits, and to repair it.',
    ],
    command: undefined,
  };
}

const nothingKnown = {
  findings: [],
  ruledOut: [],
  notTried: [],
  strip: undefined,
  firstDifference: undefined,
  goodCopy: undefined,
} as const;

function messageOf({ verdict: { status, reason, errno } }: StoreVerdict): string {
  if (status === 'digest-mismatch') return 'Its content is not what its name says.';
  if (status === 'wrong-seal') return 'fs-verity is enabled on it with another digest than its name says.';
  return reason === undefined ? statusMeanings[status] : `${reason}${errno === undefined ? '' : ` (${errno})`}.`;
}
