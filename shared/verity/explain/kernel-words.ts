import type { Explanation, KernelWords } from '../../contract/verify-values.ts';
import type { Evidence } from './evidence.ts';

/**
 * What a bad object does below a mount, and what the kernel logs of it, as Debian's 6.12 and 7.2 were seen to do (spec
 * kernel-verity.md; e2e/vm holds these words against the real one). Lines of the log name an object by the last part of
 * its path, and a file by the last part or two (`%pd` and `%pd2` of the kernel's printf).
 *
 * @param path of the file in the image
 */
export function kernelWords(evidence: Evidence, explanation: Explanation, path: string): KernelWords {
  const { status, expected, found, errno } = evidence;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const lookupFailed = (number: number): string =>
    `overlayfs: lazy lowerdata lookup failed (${path.split('/').slice(-2).join('/')}, err=${number})`;
  const object = expected.redirect.slice(expected.redirect.lastIndexOf('/') + 1);
  const noDigest = `overlayfs: lower file '${object}' has no fs-verity digest`;
  const wrongDigest = `overlayfs: lower file '${object}' has the wrong fs-verity digest`;
  const atOpen = 'stat works, open fails: EIO (input/output error)';
  switch (status) {
    case 'ok':
    case 'sealed':
    case 'inline':
      return { seen: 'it reads as it should', seenWithout: 'it reads as it should', log: undefined };
    case 'unchecked':
      return { seen: 'nobody looked at its content yet', seenWithout: 'the same', log: undefined };
    case 'unsealed':
      return { seen: atOpen, seenWithout: 'it reads as it should, and nothing protects it', log: noDigest };
    case 'no-digest':
      return {
        seen: atOpen,
        seenWithout: 'it reads whatever the object holds',
        log: `overlayfs: metacopy file '${name}' has no digest specified`,
      };
    case 'missing':
      return {
        seen: 'stat works and shows the full size, open fails: ENOENT (no such file or directory)',
        seenWithout: 'the same',
        log: lookupFailed(-2),
      };
    case 'wrong-seal':
      return { seen: atOpen, seenWithout: withoutVerity(evidence, explanation), log: wrongDigest };
    case 'digest-mismatch':
    case 'size-mismatch': {
      const seal = found?.seal;
      const isRight = seal !== undefined && seal.algorithm === expected.algorithm && seal.digest === expected.digest;
      const seenWithout = withoutVerity(evidence, explanation);
      if (isRight)
        return { seen: 'it opens and reads, with the size that the image says', seenWithout, log: undefined };
      return { seen: atOpen, seenWithout, log: seal === undefined ? noDigest : wrongDigest };
    }
    case 'unreadable':
      if (found?.seal !== undefined && evidence.readFailure()?.errno === 'EIO') {
        const { algorithm } = found.seal;
        return {
          seen: 'open works, reading what is damaged fails: EIO (input/output error)',
          seenWithout: 'the same: the seal is the object’s own',
          log: `fs-verity (…, inode …): FILE CORRUPTED! pos=…, level=…, want_hash=${algorithm}:…, real_hash=${algorithm}:…`,
        };
      }
      if (errno === 'EACCES' || errno === 'EPERM') {
        const seen = 'a mount made by root reads it with root’s rights';
        return { seen: `${seen}; whether its content passes is not known`, seenWithout: seen, log: undefined };
      }
      return notThere(evidence, lookupFailed);
  }
}

/** Something other than a file in its place is nothing to overlayfs; a symlink on the way is an error of its own. */
function notThere({ errno, reason }: Evidence, lookupFailed: (number: number) => string): KernelWords {
  const isOnTheWay = errno === 'ELOOP' && reason?.includes('on the way') === true;
  const seen = isOnTheWay
    ? 'stat works, open fails: ELOOP (too many levels of symbolic links)'
    : 'stat works, open fails: ENOENT (no such file or directory)';
  return { seen, seenWithout: seen, log: lookupFailed(isOnTheWay ? -40 : -2) };
}

function withoutVerity({ expected, found }: Evidence, { findings }: Explanation): string {
  if (findings.some(({ rule }) => rule === 'sealed-otherwise')) return 'it reads as it should';
  if (found !== undefined && found.size < expected.size) {
    return 'a short read and no error, where stat shows the full size';
  }
  if (found !== undefined && found.size > expected.size) return 'more bytes than stat shows, and no error';
  return 'wrong bytes, and no error';
}
