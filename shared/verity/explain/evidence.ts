import type { VerityStatus } from '../../contract/status.ts';
import type { Certainty, Finding, GoodCopy, LabelledValue, RuleId } from '../../contract/verify-values.ts';
import type { VerityAlgorithm } from '../fs-verity.ts';

/** What the image says of an object. */
export interface ExpectedObject {
  readonly algorithm: VerityAlgorithm;
  /** Lower-case hex; undefined: the image names none. */
  readonly digest: string | undefined;
  /** Bytes: i_size. */
  readonly size: number;
  /** Path below the data root, as text. */
  readonly redirect: string;
}

/** fs-verity of a file as the kernel has it. */
export interface Seal {
  readonly algorithm: VerityAlgorithm;
  /** Hex. */
  readonly digest: string;
  /** Of the descriptor, where the kernel lets it be read (FS_IOC_READ_VERITY_METADATA): bytes, and hex. */
  readonly blockSize: number | undefined;
  readonly salt: string | undefined;
}

/** What lies at the object's path. */
export interface FoundFile {
  /** On disk, as text. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtimeMs: number;
  readonly seal: Seal | undefined;
}

/** What one pass over an object's bytes told. All digests as lower-case hex. */
export interface ContentFacts {
  /** Bytes that were read. */
  readonly size: number;
  /** fs-verity digests with blocks of 4096 bytes, without salt. */
  readonly verity: Readonly<Record<VerityAlgorithm, string>>;
  /** Plain hashes of the whole content. */
  readonly plain: Readonly<Record<VerityAlgorithm, string>>;
  /** fs-verity digest, by the expected algorithm, of the first `expected.size` bytes; undefined: there are no more. */
  readonly ofExpectedSize: string | undefined;
  /** Offset from which all bytes up to the end are zero; `size` where the last byte is none. */
  readonly zeroFrom: number;
  /** The first bytes, at most 64 KiB. */
  readonly head: Uint8Array;
  /** Hash of each block of 4096 bytes by the expected algorithm; undefined where the object is too large for a list. */
  readonly blockHashes: Uint8Array | undefined;
}

/** How reading the object ended, where it did not end well. */
export interface ReadFailure {
  readonly errno: string;
  /** Bytes read before it. */
  readonly offset: number;
}

/** Someone that refers to an object. */
export interface NamedObject {
  /** Path below the data root. */
  readonly redirect: string;
  /** First path in an open image; undefined: none. */
  readonly path: string | undefined;
  readonly imageName: string;
}

/** All that rules may look at. What costs time is asked for, and done once however many ask. */
export interface Evidence {
  readonly status: VerityStatus;
  readonly expected: ExpectedObject;
  /** The file at the object's path in the store that is searched first; undefined: none, or no regular file. */
  readonly found: FoundFile | undefined;
  /** Of a failed look or open: `ENOENT`, `EACCES`, `ELOOP`, …, and a clause for a person. */
  readonly errno: string | undefined;
  readonly reason: string | undefined;

  /** Reads the object once. undefined: there is none, it cannot be read, or it is larger than the limit for reading. */
  readonly content: () => Promise<ContentFacts | undefined>;
  /** How reading failed; to be asked after `content`. */
  readonly readFailure: () => ReadFailure | undefined;
  /**
   * Reads the object again, through a change of its bytes, and measures what comes out (4096-byte blocks, no salt, the
   * expected algorithm). Each change is a generator over the chunks.
   * @param limit bytes that may come out; more end it
   * @returns hex; undefined where the change gave up, or more came out
   */
  readonly measureChanged: (change: Change, limit: number) => Promise<string | undefined>;
  /** fs-verity digests of the object under other parameters, in one more pass. Same order as asked for. */
  readonly measureWith: (parameters: readonly OtherParameters[]) => Promise<readonly string[] | undefined>;
  /** Bytes up to which another pass over the object is worth its time. */
  readonly passLimit: number;

  /** Objects of open images whose expected digest is this one. */
  readonly objectsOfDigest: (digest: string) => readonly NamedObject[];
  /**
   * A file of the expected content in any known store, at the object's path or under a name that the digest gives;
   * proved by hashing.
   */
  readonly goodCopy: () => Promise<(GoodCopy & { readonly readBlock: ReadBlock }) | undefined>;
  /** Hash of each block of the good copy, as `ContentFacts.blockHashes`. */
  readonly goodHashes: () => Promise<Uint8Array | undefined>;
  readonly readBlock: ReadBlock;
  /** Paths below the data roots that exist, of those asked for, as paths on disk. */
  readonly existing: (names: readonly string[]) => Promise<readonly { readonly name: string; readonly path: string }[]>;
  /** How the image as a whole fares in the stores. */
  readonly survey: ImageSurvey | undefined;
}

/** The bytes of a part of a file; fewer where it ends before. */
export type ReadBlock = (offset: number, length: number) => Promise<Uint8Array>;

export type Change = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

export interface OtherParameters {
  readonly algorithm: VerityAlgorithm;
  readonly blockSize: number;
  /** Hex. */
  readonly salt: string;
}

export interface ImageSurvey {
  /** Distinct objects, and those that are missing. */
  readonly objects: number;
  readonly missing: number;
  /** Milliseconds since 1970: of the image file, and of the newest object found. */
  readonly imageMtimeMs: number;
  readonly newestObjectMtimeMs: number | undefined;
}

/** A rule did not find its cause: either it looked and saw that it is not, or it did not look, for a reason. */
export interface NotFound {
  readonly ruledOut?: string;
  readonly notTried?: string;
}

/** One known cause. */
export interface Rule {
  readonly id: RuleId;
  /** undefined: it does not apply to what is wrong here. */
  readonly examine: (evidence: Evidence) => Promise<Finding | NotFound | undefined>;
}

export const isFinding = (outcome: Finding | NotFound): outcome is Finding => 'sentence' in outcome;

/** A finding, its evidence as pairs. */
export function finding(
  rule: RuleId,
  certainty: Certainty,
  sentence: string,
  evidence: readonly (readonly [string, string])[],
  advice?: string,
): Finding {
  const values: readonly LabelledValue[] = evidence.map(([label, value]) => ({ label, value }));
  return { rule, certainty, sentence, evidence: values, advice };
}
