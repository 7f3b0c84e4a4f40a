import { DEFAULT_VERITY_BLOCK, verityAlgorithms } from '../../fs-verity.ts';
import { finding, type Rule } from '../evidence.ts';

/**
 * The digest of an empty file as composefs 1.0.8 takes it, over a block of zeros; the kernel's has a root of zeros.
 * For SHA-512 the same is not known of any tool.
 */
const OF_ZERO_BLOCK = 'cfc3391077edfd51859f6e5e16e03f82b1da3ee1a35d418b0d0b3b57740b4405';

/** An empty file has two digests: that of the kernel, and that of older tools. */
export const emptyConvention: Rule = {
  id: 'empty-convention',
  examine: async ({ status, expected, found, content }) => {
    if (status !== 'digest-mismatch' && status !== 'wrong-seal') return undefined;
    if (found === undefined || found.size !== 0 || expected.size !== 0) return undefined;
    const facts = await content();
    if (facts === undefined) return { notTried: 'Whether it is the empty file: it was not read.' };
    if (expected.digest !== OF_ZERO_BLOCK) {
      return { ruledOut: 'The digest is not that of an empty file by any convention.' };
    }
    return finding(
      'empty-convention',
      'certain',
      'The object is empty as it should be; the image has the digest of an empty file as composefs 1.0.8 takes it, not the kernel’s.',
      [
        ['In the image', expected.digest],
        ['By the kernel', facts.verity.sha256],
        [
          'How',
          `hashed as one block of ${DEFAULT_VERITY_BLOCK} zeros, in place of a root hash of ${verityAlgorithms.sha256.digestSize} zeros`,
        ],
      ],
      'Make the image anew: files without content need no object and no digest.',
    );
  },
};
