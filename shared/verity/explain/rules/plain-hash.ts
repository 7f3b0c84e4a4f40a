import { finding, type Rule } from '../evidence.ts';
import { verityAlgorithms, type VerityAlgorithm } from '../../fs-verity.ts';

const names: Readonly<Record<VerityAlgorithm, string>> = { sha256: 'SHA-256', sha512: 'SHA-512' };

/** Somebody took `sha256sum` for the fs-verity digest. */
export const plainHash: Rule = {
  id: 'plain-hash',
  examine: async ({ status, expected, content }) => {
    if (!['digest-mismatch', 'size-mismatch', 'wrong-seal'].includes(status)) return undefined;
    const facts = await content();
    if (facts === undefined) return { notTried: 'Whether a plain hash was taken for its digest: it was not read.' };
    const right = facts.verity[expected.algorithm];
    if (right === expected.digest) return undefined;
    const name = expected.redirect.replace(/\.[a-z]+$/, '').replaceAll('/', '');
    for (const algorithm of Object.keys(verityAlgorithms) as VerityAlgorithm[]) {
      const plain = facts.plain[algorithm];
      const evidence = [
        [`${names[algorithm]} of its content`, plain],
        ['Its fs-verity digest', right],
      ] as const;
      if (plain === expected.digest) {
        return finding(
          'plain-hash',
          'certain',
          `The image names the plain ${names[algorithm]} of the content in place of its fs-verity digest.`,
          evidence,
          'Make the image anew with fs-verity digests (`fsverity digest`, not `sha256sum`): no kernel can check this one.',
        );
      }
      if (name.endsWith(plain)) {
        return finding(
          'plain-hash',
          'certain',
          `It is named by the plain ${names[algorithm]} of its content, as containers-storage does; the digest in the image is another one.`,
          evidence,
          'The content is whole by its name. The image was made with other content, or with wrong digests: make it anew.',
        );
      }
    }
    return { ruledOut: 'Neither its name nor the digest is a plain SHA-256 or SHA-512 of its content.' };
  },
};
