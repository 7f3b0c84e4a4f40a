/** The hashes that fs-verity knows, by the kernel's names. */
export type VerityAlgorithm = 'sha256' | 'sha512';

/**
 * Hashes `input` whole and writes the hash to `output` from `at` on. It must not keep either.
 *
 * It is passed in because the fastest one lies outside of this room: `portableHash` is the one that runs everywhere.
 */
export type BlockHash = (input: Uint8Array, output: Uint8Array, at: number) => void;

export interface VerityParameters {
  readonly algorithm: VerityAlgorithm;
  readonly hash: BlockHash;
  /** Bytes: a power of two, 1024 to 65536 as in the kernel. composefs always has 4096. */
  readonly blockSize?: number;
  /** 0 to 32 bytes. composefs has none. Copied. */
  readonly salt?: Uint8Array;
}

/** What fs-verity calls `FS_VERITY_HASH_ALG_*`, with the sizes of hash and compression block in bytes. */
export const verityAlgorithms = {
  sha256: { id: 1, digestSize: 32, compressionBlock: 64 },
  sha512: { id: 2, digestSize: 64, compressionBlock: 128 },
} as const satisfies Record<VerityAlgorithm, { id: number; digestSize: number; compressionBlock: number }>;

export const DEFAULT_VERITY_BLOCK = 4096;
const MIN_BLOCK = 1024;
const MAX_BLOCK = 65536;
const MAX_SALT = 32;
const DESCRIPTOR_SIZE = 256;

/** Fills in what is left out. `lead`: bytes that the padded salt takes in front of each block. @throws RangeError */
function checkParameters({ algorithm, blockSize = DEFAULT_VERITY_BLOCK, salt = new Uint8Array(0) }: VerityParameters): {
  readonly blockSize: number;
  readonly salt: Uint8Array;
  readonly lead: number;
} {
  if (!(blockSize >= MIN_BLOCK && blockSize <= MAX_BLOCK && Number.isInteger(Math.log2(blockSize)))) {
    throw new RangeError(`fs-verity block size must be a power of two from 1024 to 65536, not ${blockSize}`);
  }
  if (salt.length > MAX_SALT) {
    throw new RangeError(`fs-verity salt must have at most ${MAX_SALT} bytes, not ${salt.length}`);
  }
  const { compressionBlock } = verityAlgorithms[algorithm];
  return { blockSize, salt, lead: Math.ceil(salt.length / compressionBlock) * compressionBlock };
}

/** A block that is being filled, behind the padded salt that each hash starts with. */
interface Level {
  readonly buffer: Uint8Array;
  /** Bytes in use, the salt not counted. */
  used: number;
  /** Whether a block of this level was already hashed: then it has more than one, and needs a level above. */
  overflowed: boolean;
}

/**
 * The fs-verity digest of a file whose bytes come in pieces. Memory is a block for each level of the Merkle tree,
 * five at most for any file that fits on a disk; the pieces are hashed where they lie.
 *
 * @throws RangeError where the parameters are none that the kernel takes
 * @see Linux Documentation/filesystems/fsverity.rst, "Merkle tree", "fs-verity descriptor"
 */
export class VerityDigester {
  readonly #parameters: VerityParameters;
  readonly #blockSize: number;
  readonly #digestSize: number;
  readonly #salt: Uint8Array;
  /** Length of the salt, zero-padded to the hash's compression block; 0 without a salt. */
  readonly #lead: number;
  /** 0: data blocks. 1 and above: blocks of hashes. */
  readonly #levels: Level[] = [];
  /** Made once: for a file of a few blocks a buffer costs as much as hashing half a block. */
  readonly #descriptor = new Uint8Array(DESCRIPTOR_SIZE);
  #size = 0;
  #finished = false;

  constructor(parameters: VerityParameters) {
    const { blockSize, salt, lead } = checkParameters(parameters);
    this.#parameters = parameters;
    this.#blockSize = blockSize;
    this.#digestSize = verityAlgorithms[parameters.algorithm].digestSize;
    this.#salt = salt.slice();
    this.#lead = lead;
    this.#levels.push(this.#newLevel());
    this.#descriptor[0x00] = 1; // version
    this.#descriptor[0x01] = verityAlgorithms[parameters.algorithm].id; // hash_algorithm
    this.#descriptor[0x02] = Math.log2(blockSize); // log_blocksize
    this.#descriptor[0x03] = salt.length; // salt_size
    // 0x04 sig_size: 0 in what is hashed
    this.#descriptor.set(salt, 0x50); // salt, 32 bytes
  }

  /** Takes the next bytes of the file; they are not kept. */
  update(bytes: Uint8Array): void {
    if (this.#finished) throw new RangeError('the digest has been taken already');
    this.#size += bytes.length;
    const data = this.#level(0);
    const blockSize = this.#blockSize;
    let at = 0;
    while (at < bytes.length) {
      if (data.used === blockSize) this.#spill(0);
      // Whole blocks are hashed in place where nothing goes before them, which is what composefs always has. The last
      // one may be the file's last block, so that it goes through the buffer: `digest` must still be able to tell.
      if (data.used === 0 && this.#lead === 0) {
        while (bytes.length - at > blockSize) {
          this.#hashInto(1, bytes.subarray(at, at + blockSize));
          data.overflowed = true;
          at += blockSize;
        }
      }
      const take = Math.min(blockSize - data.used, bytes.length - at);
      data.buffer.set(take === bytes.length ? bytes : bytes.subarray(at, at + take), this.#lead + data.used);
      data.used += take;
      at += take;
    }
  }

  /**
   * Takes the hashes of the next blocks of the file in place of their bytes, as `hashBlocks` gives them: so that parts of
   * a large file can be hashed by several threads. Only the file's last block may be shorter than a block.
   *
   * @param hashes of whole blocks, one behind the other
   * @param length bytes of the file that they stand for
   * @throws RangeError where the bytes before end within a block, or the numbers do not fit
   */
  updateHashes(hashes: Uint8Array, length: number): void {
    if (this.#finished) throw new RangeError('the digest has been taken already');
    if (this.#size % this.#blockSize !== 0) throw new RangeError(`byte ${this.#size} is not the start of a block`);
    if (hashes.length !== Math.ceil(length / this.#blockSize) * this.#digestSize) {
      throw new RangeError(`${hashes.length} bytes of hashes do not stand for ${length} bytes`);
    }
    const data = this.#level(0);
    if (data.used > 0) this.#spill(0); // a whole block, held back in case that it was the last
    this.#size += length;
    for (let at = 0; at < hashes.length;) {
      const above = this.#level(1);
      if (above.used === this.#blockSize) this.#spill(1);
      const take = Math.min(this.#blockSize - above.used, hashes.length - at);
      above.buffer.set(hashes.subarray(at, at + take), this.#lead + above.used);
      above.used += take;
      at += take;
    }
  }

  /** Forgets all that came, to begin another file: for who hashes thousands of small ones. */
  reset(): void {
    for (const level of this.#levels) {
      level.used = 0;
      level.overflowed = false;
    }
    this.#size = 0;
    this.#finished = false;
  }

  /** The digest of all that came, 32 or 64 bytes. To be called once, but for `reset`. */
  digest(): Uint8Array {
    this.#finished = true;
    const root = this.#rootHash();
    const descriptor = this.#descriptor;
    // data_size, 64 bits, little-endian
    for (let at = 0, rest = this.#size; at < 8; at += 1, rest = Math.floor(rest / 256))
      descriptor[0x08 + at] = rest % 256;
    descriptor.set(root, 0x10); // root_hash, 64 bytes
    const digest = new Uint8Array(this.#digestSize);
    this.#parameters.hash(descriptor, digest, 0);
    return digest;
  }

  #newLevel(): Level {
    const buffer = new Uint8Array(this.#lead + this.#blockSize);
    buffer.set(this.#salt);
    return { buffer, used: 0, overflowed: false };
  }

  #level(depth: number): Level {
    return (this.#levels[depth] ??= this.#newLevel());
  }

  /** Hashes the block that stands at `depth`, zeros behind it, into the level above, and empties it. */
  #spill(depth: number): void {
    const level = this.#level(depth);
    level.buffer.fill(0, this.#lead + level.used);
    this.#hashInto(depth + 1, level.buffer);
    level.used = 0;
    level.overflowed = true;
  }

  #hashInto(depth: number, block: Uint8Array): void {
    const above = this.#level(depth);
    if (above.used === this.#blockSize) this.#spill(depth);
    this.#parameters.hash(block, above.buffer, this.#lead + above.used);
    above.used += this.#digestSize;
  }

  /** Closes level after level, until one holds a single hash: the root. An empty file's is zeros, nothing is hashed. */
  #rootHash(): Uint8Array {
    if (this.#size === 0) return new Uint8Array(this.#digestSize);
    for (let depth = 0; ; depth++) {
      const level = this.#level(depth);
      if (depth > 0 && !level.overflowed && level.used === this.#digestSize) {
        return level.buffer.subarray(this.#lead, this.#lead + this.#digestSize);
      }
      // nothing is held back of data that came as hashes
      if (depth > 0 || level.used > 0) this.#spill(depth);
    }
  }
}

/**
 * Hashes of the blocks of a part of a file, one behind the other: the lowest level of its Merkle tree. Two versions of a
 * file differ in the blocks whose hashes do.
 *
 * @param bytes from the start of a block on; where they end within one, it is the file's last
 * @throws RangeError as `VerityDigester`
 */
export function hashBlocks(bytes: Uint8Array, parameters: VerityParameters): Uint8Array {
  const { blockSize, salt, lead } = checkParameters(parameters);
  const { digestSize } = verityAlgorithms[parameters.algorithm];
  const hashes = new Uint8Array(Math.ceil(bytes.length / blockSize) * digestSize);
  let padded: Uint8Array | undefined;
  for (let block = 0; block * blockSize < bytes.length; block++) {
    let data = bytes.subarray(block * blockSize, (block + 1) * blockSize);
    if (lead > 0 || data.length < blockSize) {
      padded ??= new Uint8Array(lead + blockSize);
      padded.fill(0).set(salt);
      padded.set(data, lead);
      data = padded;
    }
    parameters.hash(data, hashes, block * digestSize);
  }
  return hashes;
}

/** The fs-verity digest of bytes that are there as a whole, 32 or 64 bytes. @throws RangeError as `VerityDigester` */
export function fsVerityDigest(bytes: Uint8Array, parameters: VerityParameters): Uint8Array {
  const digester = new VerityDigester(parameters);
  digester.update(bytes);
  return digester.digest();
}
