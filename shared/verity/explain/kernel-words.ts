import type { Explanation, KernelWords } from '../../contract/verify-values.ts';
import type { Evidence } from './evidence.ts';

/**
 * What a bad object does below a mount, and what the kernel logs of it, as Debian's 6.12 and 7.2 were seen to do (spec
 * kernel-verity.md). Lines of the log name a file by the last part of its path alone.
 *
 * @param name of the file in the image, the last part of its path
 */
export function kernelWords(evidence: Evidence, explanation: Explanation, name: string): KernelWords {
  const { status, expected, found, errno } = evidence;
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
        log: `overlayfs: lazy lowerdata lookup failed (/${name}, err=-2)`,
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
          seen: 'open works, reading the damaged block fails: EIO (input/output error); other blocks read',
          seenWithout: 'the same: the seal is the object’s own',
          log: `fs-verity (…, inode …): FILE CORRUPTED! pos=…, level=…, want_hash=${algorithm}:…, real_hash=${algorithm}:…`,
        };
      }
      if (errno === 'EACCES' || errno === 'EPERM') {
        const seen = 'a mount made by root reads it with root’s rights';
        return { seen: `${seen}; whether its content passes is not known`, seenWithout: seen, log: undefined };
      }
      return {
        seen: 'stat works, open fails',
        seenWithout: 'the same',
        log: `overlayfs: lazy lowerdata lookup failed (/${name}, err=…)`,
      };
  }
}

function withoutVerity({ expected, found }: Evidence, { findings }: Explanation): string {
  if (findings.some(({ rule }) => rule === 'sealed-otherwise')) return 'it reads as it should';
  if (found !== undefined && found.size < expected.size) {
    return 'a short read and no error, where stat shows the full size';
  }
  if (found !== undefined && found.size > expected.size) return 'wrong bytes or too few of them, and no error';
  return 'wrong bytes, and no error';
}
