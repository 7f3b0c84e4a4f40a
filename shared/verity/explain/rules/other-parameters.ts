import { finding, type OtherParameters, type Rule } from '../evidence.ts';

const BLOCK_SIZES = [1024, 2048, 4096, 8192, 16384, 32768, 65536];

/** The digest is that of the content, but not as composefs takes it: another hash, block size or salt. */
export const otherParameters: Rule = {
  id: 'other-parameters',
  examine: async ({ status, expected, found, content, measureWith, passLimit }) => {
    if (status !== 'digest-mismatch' && status !== 'wrong-seal') return undefined;
    if (found === undefined || expected.digest === undefined) return undefined;
    if (found.size > passLimit) {
      return {
        notTried: 'Other hashes, block sizes and salts: the object is too large to be read once more for them.',
      };
    }
    const facts = await content();
    if (facts === undefined || facts.verity[expected.algorithm] === expected.digest) return undefined;
    const salts = ['', ...(found.seal?.salt ? [found.seal.salt] : [])];
    const parameters: OtherParameters[] = [];
    for (const salt of salts) {
      for (const algorithm of ['sha256', 'sha512'] as const) {
        for (const blockSize of BLOCK_SIZES) parameters.push({ algorithm, blockSize, salt });
      }
    }
    const digests = await measureWith(parameters);
    if (digests === undefined) return { notTried: 'Other hashes, block sizes and salts: it cannot be read.' };
    const { digest } = expected;
    // a digest of SHA-512 cut to half is what a field of 32 bytes keeps of it
    const at = digests.findIndex(
      (other) => other === digest || (other.length > digest.length && other.startsWith(digest)),
    );
    const hit = parameters[at];
    if (hit === undefined) {
      return {
        ruledOut: 'The digest is not that of its content under another hash or block size (1024 to 65536 bytes).',
      };
    }
    return finding(
      'other-parameters',
      'certain',
      `The content is right, but its digest was taken with other parameters: ${describe(hit)}.`,
      [
        ['The image’s digest is its', `${describe(hit)}: ${digests[at] ?? ''}`],
        ['As composefs takes it', facts.verity[expected.algorithm]],
      ],
      'Make the image anew with blocks of 4096 bytes, no salt, and the hash that its digests say: kernels know no other in an image.',
    );
  },
};

export const describe = ({ algorithm, blockSize, salt }: OtherParameters): string =>
  `${algorithm === 'sha256' ? 'SHA-256' : 'SHA-512'}, blocks of ${blockSize} bytes, ${salt === '' ? 'no salt' : `salt ${salt}`}`;
