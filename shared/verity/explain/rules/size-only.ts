import { count } from '../words.ts';
import { finding, type Rule } from '../evidence.ts';

/** The digest is right, and the image says another size: the image was made wrong. */
export const sizeOnly: Rule = {
  id: 'size-only',
  examine: async ({ status, expected, found, content }) => {
    if (status !== 'size-mismatch' || found === undefined || expected.digest === undefined) return undefined;
    const sealed = found.seal?.algorithm === expected.algorithm && found.seal.digest === expected.digest;
    const facts = sealed ? undefined : await content();
    if (!sealed && facts === undefined)
      return { notTried: 'Whether the digest is right all the same: it was not read.' };
    if (!sealed && facts?.verity[expected.algorithm] !== expected.digest) {
      return { ruledOut: 'It is not only the size: the digest of its content is wrong, too.' };
    }
    return finding(
      'size-only',
      'certain',
      'The content is the right one, by its digest; the image says another size.',
      [
        ['Size in the image', count(expected.size, 'byte')],
        ['Size of the object', count(found.size, 'byte')],
        ['Digest of both', expected.digest],
      ],
      'The image was made wrong: make it anew. Below a mount the file is cut off, or ends in nothing, without an error.',
    );
  },
};
