import { grouped } from '../words.ts';
import { finding, type Rule } from '../evidence.ts';

/** The kernel knows that the file is right, and cannot read it: the disk gives other bytes than were sealed. */
export const sealedDamage: Rule = {
  id: 'sealed-damage',
  examine: async ({ status, expected, found, content, readFailure }) => {
    if (found?.seal === undefined || (status !== 'unreadable' && status !== 'digest-mismatch' && status !== 'sealed')) {
      return undefined;
    }
    await content();
    const failure = readFailure();
    if (failure === undefined || failure.errno !== 'EIO') {
      return { ruledOut: 'It can be read to its end: the kernel finds no damage below its seal.' };
    }
    const isRight = found.seal.algorithm === expected.algorithm && found.seal.digest === expected.digest;
    return finding(
      'sealed-damage',
      'certain',
      `It is sealed${isRight ? ' with the right digest' : ''}, but the disk gives other bytes than were sealed: reading fails near byte ${grouped(failure.offset)}.`,
      [
        ['Errno', `EIO near byte ${grouped(failure.offset)}`],
        ['Digest of the seal', `${found.seal.algorithm}:${found.seal.digest}`],
        [
          'In the kernel’s log',
          `fs-verity (…, inode …): FILE CORRUPTED! pos=…, level=…, want_hash=${found.seal.algorithm}:…, real_hash=${found.seal.algorithm}:…`,
        ],
      ],
      'The disk or its file system is damaged: look at its health, then put a fresh copy in the object’s place.',
    );
  },
};
