import { finding, type OtherParameters, type Rule } from '../evidence.ts';
import { describe } from './other-parameters.ts';

/** fs-verity was enabled with other parameters than composefs's: the content is right, and no mount takes it. */
export const sealedOtherwise: Rule = {
  id: 'sealed-otherwise',
  examine: async ({ status, expected, found, content, measureWith, passLimit }) => {
    const seal = found?.seal;
    if (status !== 'wrong-seal' || found === undefined || seal === undefined) return undefined;
    const facts = await content();
    if (facts === undefined) return { notTried: 'Whether its content is right under the wrong seal: it was not read.' };
    if (facts.verity[expected.algorithm] !== expected.digest) {
      return { ruledOut: 'The seal is not just made with other parameters: the content itself is not the right one.' };
    }
    const { algorithm } = seal;
    let parameters: OtherParameters | undefined;
    if (seal.blockSize !== undefined) parameters = { algorithm, blockSize: seal.blockSize, salt: seal.salt ?? '' };
    else if (found.size <= passLimit) {
      const tries = [1024, 2048, 4096, 8192, 16384, 32768, 65536].map((blockSize) => ({
        algorithm,
        blockSize,
        salt: '',
      }));
      parameters = tries[((await measureWith(tries)) ?? []).indexOf(seal.digest)];
    }
    const how = parameters === undefined ? 'with parameters that could not be read' : `with ${describe(parameters)}`;
    return finding(
      'sealed-otherwise',
      'certain',
      `The content is right, but fs-verity was enabled on it ${how}.`,
      [
        ['Digest of the seal', `${algorithm}:${seal.digest}`],
        ['Digest that is wanted', `${expected.algorithm}:${expected.digest ?? ''}`],
      ],
      'A seal cannot be changed: put a fresh copy in its place and enable fs-verity with `fsverity enable` and no options.',
    );
  },
};
