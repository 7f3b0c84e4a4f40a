import { createHash } from 'node:crypto';
import { StoreError } from '../stores/store-error.ts';

const hexLength = { sha256: 64, sha512: 128 } as const satisfies Record<string, number>;
const digestForm = /^(sha256|sha512):([0-9a-f]+)$/;

/** A digest as OCI writes them, `sha256:…`, in its parts; undefined where it is none, or of a hash that is not known. */
export function parseDigest(
  digest: string,
): { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string } | undefined {
  const [, algorithm, hex = ''] = digestForm.exec(digest) ?? [];
  if (algorithm !== 'sha256' && algorithm !== 'sha512') return undefined;
  return hex.length === hexLength[algorithm] ? { algorithm, hex } : undefined;
}

/** Checks bytes while somebody else reads them. */
export class DigestCheck {
  readonly #path: string;
  readonly #what: string;
  readonly #expected: string;
  readonly #size: number | undefined;
  /** Whether all bytes came, and are right. */
  done = false;

  /** @param path for messages @param what of the file, for messages @param size that it must have, if that is known */
  constructor(path: string, what: string, expected: string, size?: number) {
    this.#path = path;
    this.#what = what;
    this.#expected = expected;
    this.#size = size;
  }

  /** @throws StoreError `EBADMSG` behind the last byte, where they are others */
  async *through(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    const parsed = parseDigest(this.#expected);
    if (parsed === undefined) throw this.#wrong(`has a digest that cannot be checked: ${this.#expected}`);
    const hash = createHash(parsed.algorithm);
    let size = 0;
    for await (const chunk of bytes) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    const actual = `${parsed.algorithm}:${hash.digest('hex')}`;
    if (actual !== this.#expected) throw this.#wrong(`has the digest ${actual}, and not ${this.#expected}`);
    if (this.#size !== undefined && size !== this.#size) {
      throw this.#wrong(`has ${size} bytes, and not the ${this.#size} that its descriptor says`);
    }
    this.done = true;
  }

  #wrong(why: string): StoreError {
    return new StoreError('EBADMSG', this.#path, `${this.#path}: ${this.#what} ${why}`);
  }
}
