import { finding, type Rule } from '../evidence.ts';

/** A good copy is at hand. */
export const otherStore: Rule = {
  id: 'other-store',
  examine: async ({ status, expected, found, goodCopy }) => {
    if (['ok', 'sealed', 'unsealed', 'inline', 'no-digest', 'unchecked'].includes(status)) return undefined;
    if (expected.digest === undefined) return undefined;
    const copy = await goodCopy();
    if (copy === undefined) return { ruledOut: 'No attached store has a good copy, by its path or by its digest.' };
    return finding(
      'other-store',
      'certain',
      status === 'missing'
        ? `The content is there under another name: ${copy.path}.`
        : `A good copy is in ${copy.where}.`,
      [
        ['Good copy', copy.path],
        ['Its digest', expected.digest],
        ...(found === undefined ? [] : [['The bad one', found.path] as const]),
      ],
      'Repair copies it, checks the digest, and only then puts it in place.',
    );
  },
};
