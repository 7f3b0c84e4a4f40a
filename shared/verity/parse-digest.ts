import type { VerityAlgorithm } from './fs-verity.ts';

export interface ParsedDigest {
  readonly algorithm: VerityAlgorithm;
  /** Lower-case hex. */
  readonly digest: string;
  /** `?` in front: what boots takes an image without fs-verity, too. */
  readonly optional: boolean;
}

/** Why a text is no digest, in one sentence. */
export interface DigestFault {
  readonly fault: string;
}

/** Forms in which a digest stands among other words, as in a kernel command line, with or without `?` in front. */
const KEYS =
  /(?:^|[\s,"])(?:composefs|composefs\.digest|containers\.composefs\.fsverity|digest)"?\s*[=:]\s*"?(\?)?([\w:-]+)/;
/** As bootc tells that a UKI is of another image: the digest that was sealed, not the one that bootc computed. */
const WRONG_UKI = /wrong composefs= parameter \(is '?((?:sha(?:256|512):)?[0-9a-f]+)/i;
const LENGTHS: Readonly<Record<VerityAlgorithm, number>> = { sha256: 64, sha512: 128 };

/**
 * An image digest that somebody types or pastes: hex alone, `sha256:…` as `fsverity measure` prints it, or with what
 * stands around it on a kernel command line (`composefs=?…`), a mount's options (`digest=…`), an OCI label, or bootc's
 * message that a UKI has another.
 */
export function parseDigest(text: string): ParsedDigest | DigestFault {
  const [, sealed] = WRONG_UKI.exec(text) ?? [];
  if (sealed !== undefined) return parseDigest(sealed);
  const keyed = KEYS.exec(text);
  const optional = keyed?.[1] === '?' || text.trim().startsWith('?');
  const word = (keyed?.[2] ?? text.trim().replace(/^\?/, '').split(/\s/)[0] ?? '').toLowerCase();
  if (word === '') return { fault: 'There is no digest in it.' };
  if (/^[\w.:/-]+@sha(?:256|512):/.test(word)) {
    return { fault: 'What stands behind @ is the digest of a container image’s manifest, not of a composefs image.' };
  }
  // `v1-sha512-12:` of composefs-rs: format, algorithm and log2 of the block size
  const prefix = /^(?:v\d+-)?(?:fsverity-)?(sha256|sha512)(?:-(\d+))?:/.exec(word);
  if (prefix?.[2] !== undefined && prefix[2] !== '12') {
    return { fault: `Its block size is 2^${prefix[2]}; composefs takes blocks of 4096 bytes (2^12).` };
  }
  const digest = word.slice(prefix?.[0].length ?? 0);
  const wrong = /[^0-9a-f]/.exec(digest);
  const [only, ...others] = keyed === null && wrong !== null ? runsIn(text) : [];
  if (only !== undefined && others.length === 0) return parseDigest(only);
  if (wrong !== null) return { fault: `“${wrong[0]}” at place ${wrong.index + 1} is no hexadecimal digit.` };
  const algorithm = digest.length === LENGTHS.sha512 ? 'sha512' : 'sha256';
  if (digest.length !== LENGTHS[algorithm]) {
    return { fault: `It has ${digest.length} digits; a digest has 64 (SHA-256) or 128 (SHA-512).` };
  }
  if (prefix?.[1] !== undefined && prefix[1] !== algorithm) {
    return {
      fault: `It says ${prefix[1]}, which has ${prefix[1] === 'sha256' ? 64 : 128} digits; this has ${digest.length}.`,
    };
  }
  return { algorithm, digest, optional };
}

/** All that is as long as a digest in a text of several words, as in a message; each once. */
function runsIn(text: string): readonly string[] {
  if (!/\S\s+\S/.test(text)) return [];
  return [...new Set(text.toLowerCase().match(/(?<![0-9a-z])(?:[0-9a-f]{128}|[0-9a-f]{64})(?![0-9a-z])/g))];
}
