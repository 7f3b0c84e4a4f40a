import { finding, type Rule } from '../evidence.ts';

/** The file is the object of somebody else: its digest is one that an open image names for another object. */
export const swapped: Rule = {
  id: 'swapped',
  examine: async ({ status, expected, content, objectsOfDigest }) => {
    if (status !== 'digest-mismatch' && status !== 'size-mismatch' && status !== 'wrong-seal') return undefined;
    const facts = await content();
    if (facts === undefined) return { notTried: 'Whether it is another object: its content was not read.' };
    const digest = facts.verity[expected.algorithm];
    if (digest === expected.digest) return undefined;
    const [owner, ...others] = objectsOfDigest(digest);
    if (owner === undefined) {
      return { ruledOut: 'It is no other object of the open images: none of them names its digest.' };
    }
    const name = owner.path === undefined ? owner.redirect : `${owner.path} (${owner.redirect})`;
    return finding(
      'swapped',
      'certain',
      `It is another object in its place: its content is that of ${name}.`,
      [
        ['Its real digest', digest],
        ['Which is that of', `${owner.redirect}, in ${owner.imageName}`],
        ...(others.length > 0 ? [['and of', `${others.length} more objects`] as const] : []),
      ],
      'Look for what copied or renamed objects in the store: the object that belongs here may lie under the other name.',
    );
  },
};
