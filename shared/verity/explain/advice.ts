import type { Explanation } from '../../contract/verify-values.ts';
import type { Evidence } from './evidence.ts';

/** What to do about a bad object, in the order in which to try it: sentences. */
export function adviceFor({ status, expected }: Evidence, { findings, goodCopy }: Explanation): readonly string[] {
  const advice: string[] = [];
  if (goodCopy !== undefined) {
    advice.push(`Repair it from the good copy, ${goodCopy.path}: it is copied, checked, and only then put in place.`);
  }
  for (const finding of findings) if (finding.advice !== undefined) advice.push(finding.advice);
  switch (status) {
    case 'missing':
      if (goodCopy === undefined) {
        advice.push(
          'Attach the store that has it, point Repair at a folder or layer that holds the file, or fetch the image’s objects again.',
        );
      }
      break;
    case 'digest-mismatch':
    case 'size-mismatch':
    case 'wrong-seal':
      if (goodCopy === undefined) {
        advice.push(
          `Fetch the object again (${expected.redirect}), or point Repair at a folder or layer that holds the file.`,
        );
      }
      break;
    case 'unsealed':
      advice.push('Enable fs-verity on it: `fsverity enable` on the object, as the user that owns it.');
      break;
    case 'no-digest':
      advice.push(
        'Make the image with digests: without them nothing protects this file, and verity=require refuses it.',
      );
      break;
    default:
      break;
  }
  return [...new Set(advice)];
}
