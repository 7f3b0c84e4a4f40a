import type { VerityStatus } from './status.ts';
import type { ImageId, JobId, StoreId, Use } from './values.ts';

/** What checking objects found, as plain data. The words are those of DESIGN's explainer. */

/** How far a run of Verify is. */
export interface VerifyState {
  /** Number of the run; 0: none was started. */
  readonly run: number;
  /** To be paused and cancelled by it; undefined: nothing runs. */
  readonly job: JobId | undefined;
  readonly phase: 'idle' | 'looking' | 'hashing' | 'explaining' | 'done' | 'cancelled' | 'failed';
  readonly paused: boolean;
  readonly objects: Progress;
  readonly bytes: Progress;
  /** Of the last seconds; 0 while paused. */
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | undefined;
  /** Objects that were not read, since they are as they were when they were found right, and since the kernel measured. */
  readonly cached: number;
  readonly measured: number;
  readonly elapsedMs: number;
  /** Objects of the run by status. */
  readonly counts: Readonly<Partial<Record<VerityStatus, number>>>;
  /** Sentences about stores as a whole: no fs-verity on this file system, a data root that cannot be entered, … */
  readonly notes: readonly string[];
  /** Why it failed. */
  readonly failure: string | undefined;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** An object that something is wrong with: of an image, by the first entry that refers to it; or of a store alone. */
export type ObjectRef =
  { readonly image: ImageId; readonly entry: number } | { readonly store: StoreId; readonly name: string };

/** How sure a finding is: `certain` is proved by a digest, `likely` by all that could be seen, `possible` by a trace. */
export type Certainty = 'certain' | 'likely' | 'possible';

/** What a rule of the explainer found. */
export interface Finding {
  /** Id of the rule: `swapped`, `truncated`, … */
  readonly rule: RuleId;
  readonly certainty: Certainty;
  /** What is wrong, in one sentence. */
  readonly sentence: string;
  /** What shows it: names and values for a person. */
  readonly evidence: readonly LabelledValue[];
  /** What to do, in one or two sentences; undefined: what is said of the status is all. */
  readonly advice: string | undefined;
}

export interface LabelledValue {
  readonly label: string;
  readonly value: string;
}

/** The causes that are known, each a rule in a file of its own below shared/verity/explain. */
export const ruleIds = [
  'swapped',
  'truncated',
  'extended',
  'zero-filled',
  'blocks-differ',
  'size-only',
  'plain-hash',
  'other-parameters',
  'compressed',
  'text-changed',
  'empty-convention',
  'other-layout',
  'other-store',
  'sealed-damage',
  'sealed-otherwise',
  'not-a-file',
  'no-permission',
  'image-newer',
] as const;
export type RuleId = (typeof ruleIds)[number];

/** What each cause is called where problems are listed by it. */
export const ruleTitles: Readonly<Record<RuleId, string>> = {
  swapped: 'Another object in its place',
  truncated: 'Truncated',
  extended: 'Bytes appended',
  'zero-filled': 'Zero-filled (lost writes)',
  'blocks-differ': 'Blocks differ from a good copy',
  'size-only': 'Right content, other size in the image',
  'plain-hash': 'Named by a plain hash of its content',
  'other-parameters': 'Right under other fs-verity parameters',
  compressed: 'Compressed content',
  'text-changed': 'Line endings or trailing newline changed',
  'empty-convention': 'Empty file, other convention',
  'other-layout': 'Stored under another layout’s name',
  'other-store': 'Present elsewhere',
  'sealed-damage': 'Damaged on disk under its seal',
  'sealed-otherwise': 'Right content, sealed with other parameters',
  'not-a-file': 'Not a regular file',
  'no-permission': 'Permission denied',
  'image-newer': 'Image newer than the store',
};

/** How the blocks of a bad object compare: good, bad, and where the object has no byte. */
export interface BlockStrip {
  /** Bytes. */
  readonly blockSize: number;
  /** Of the longer of the two. */
  readonly blocks: number;
  /** What the blocks were compared with: a good copy on disk, or nothing but zeros. */
  readonly comparedWith: string;
  /** Runs of blocks that are not good, in order, at most 4096; all others are good. */
  readonly runs: readonly BlockRun[];
  /** Runs that are not in the list. */
  readonly omitted: number;
  /** Blocks in all runs by what is wrong with them. */
  readonly bad: number;
}

export interface BlockRun {
  readonly from: number;
  /** Number of blocks. */
  readonly count: number;
  readonly state: 'differs' | 'zero' | 'absent' | 'extra';
}

/** The first block that differs, on both sides: at most 4096 bytes each, from `offset` on. */
export interface BlockPair {
  readonly block: number;
  readonly offset: number;
  readonly found: Uint8Array;
  readonly good: Uint8Array;
  /** Bits and bytes of this block that differ. */
  readonly bytes: number;
  readonly bits: number;
}

/** Why an object is bad. */
export interface Explanation {
  readonly status: VerityStatus;
  /** The most certain first; empty: unknown. */
  readonly findings: readonly Finding[];
  /** What was looked for in vain, and what was not looked for, with the reason: sentences. */
  readonly ruledOut: readonly RuledOut[];
  readonly notTried: readonly RuledOut[];
  readonly strip: BlockStrip | undefined;
  readonly firstDifference: BlockPair | undefined;
  /** A copy on disk whose content has the expected digest. */
  readonly goodCopy: GoodCopy | undefined;
}

export interface RuledOut {
  readonly rule: RuleId;
  readonly sentence: string;
}

export interface GoodCopy {
  /** On disk. */
  readonly path: string;
  /** For a person: `store “objects-b”`. */
  readonly where: string;
}

/** What programs and the kernel's log show of a bad object below a mount (spec kernel-verity.md). */
export interface KernelWords {
  /** What a program sees with `verity=require`. */
  readonly seen: string;
  /** Without it. */
  readonly seenWithout: string;
  /** Line of the kernel's log; undefined: none. */
  readonly log: string | undefined;
}

/** One line of the problem list. */
export interface ProblemObject {
  readonly ref: ObjectRef;
  readonly status: VerityStatus;
  /** The rule that explains it, where one does. */
  readonly cause: RuleId | undefined;
  readonly certainty: Certainty | undefined;
  /** Path below the data root. */
  readonly redirect: string;
  /** First path that refers to it; undefined: none. */
  readonly path: string | undefined;
  /** Number of paths that refer to it in the image. */
  readonly uses: number;
  /** Bytes that the image expects. */
  readonly size: number;
  readonly imageName: string | undefined;
}

export const problemGroupings = ['cause', 'image', 'folder'] as const;
export type ProblemGrouping = (typeof problemGroupings)[number];

/** Problems that have something in common. */
export interface ProblemGroup {
  readonly key: string;
  readonly title: string;
  /** Status of all in it, where they have one. */
  readonly status: VerityStatus | undefined;
  readonly count: number;
  /** Sum of the sizes that the image expects, in bytes. */
  readonly bytes: number;
}

/** Everything that the page of one failure shows. */
export interface FailureDetail {
  readonly problem: ProblemObject;
  readonly algorithm: 'sha256' | 'sha512';
  /** What the expected and the found digest are digests of: the Merkle tree, or the content as it is. */
  readonly measure: 'fs-verity' | 'content';
  /** Hex; undefined: the image names none. */
  readonly expectedDigest: string | undefined;
  /** Hex, of the content; undefined: not hashed. */
  readonly foundDigest: string | undefined;
  /** On disk; undefined: none. */
  readonly objectPath: string | undefined;
  readonly objectSize: number | undefined;
  /** Bytes that it should have; undefined: only its name is known, and no good copy. */
  readonly expectedSize: number | undefined;
  readonly errno: string | undefined;
  /** Status in a sentence. */
  readonly message: string;
  readonly explanation: Explanation;
  readonly kernel: KernelWords;
  readonly uses: readonly Use[];
  readonly usesOmitted: number;
  /** What to do, in the order in which to try it. */
  readonly advice: readonly string[];
  /** A command line that repairs it, where a good copy is known. */
  readonly command: string | undefined;
}

/** Where the digest that an image should have was found. */
export interface ExpectedDigest {
  /** Hex. */
  readonly digest: string;
  readonly algorithm: 'sha256' | 'sha512';
  /** For a person: `typed`, `merged.cfs.digest`, `kernel command line`, `ostree commit 1234…`. */
  readonly source: string;
  /** `?` on a kernel command line: the image is used even if it is not protected. */
  readonly optional: boolean;
  /** As a person gave it. */
  readonly text?: string;
}

/** What the digest is that is expected of an image and is not its own. */
export interface DigestFinding {
  readonly kind:
    | 'plain-hash'
    | 'other-algorithm'
    | 'other-block-size'
    | 'object'
    | 'other-image'
    | 'ostree-commit'
    | 'bootc'
    | 'other-writing'
    | 'oci'
    | 'unknown';
  readonly certainty: Certainty;
  /** In one sentence, without paths or names. */
  readonly sentence: string;
  /** Path in the image or on disk, or name of an image, that it is of. */
  readonly where: string | undefined;
  /** What to do. */
  readonly advice: string;
}

/** Detached PKCS#7 signature over an image digest. */
export interface SignatureReport {
  /** The signature's file. */
  readonly path: string;
  readonly verdict: 'good' | 'wrong' | 'untrusted' | 'unknown-signer' | 'malformed';
  /** One sentence. */
  readonly sentence: string;
  readonly signer: SignerFacts | undefined;
  /** From the signer's certificate up, as distinguished names. */
  readonly chain: readonly string[];
  /** Hex: the digest that was signed, where the signature is good for one. */
  readonly signedDigest: string | undefined;
  readonly facts: readonly LabelledValue[];
}

export interface SignerFacts {
  readonly subject: string;
  readonly issuer: string;
  readonly serial: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly isValidNow: boolean;
}

/** What would become of a bad object. */
export interface RepairResult {
  readonly ref: ObjectRef;
  readonly redirect: string;
  readonly outcome: 'repaired' | 'no-copy' | 'failed';
  /** Where the good copy came from. */
  readonly from: string | undefined;
  /** The object as it was is kept there. */
  readonly keptAs: string | undefined;
  /** fs-verity was enabled on the new file. */
  readonly sealed: boolean;
  /** One sentence. */
  readonly message: string;
}

/** Objects of a store that no open image refers to. */
export interface OrphanList {
  readonly store: StoreId;
  readonly count: number;
  /** Apparent bytes, and bytes that they take on the disk. */
  readonly bytes: number;
  readonly diskBytes: number;
  /** The largest first; at most 10,000. */
  readonly orphans: readonly Orphan[];
}

export interface Orphan {
  /** Path below the data root. */
  readonly name: string;
  readonly size: number;
}

/** What only one image needs: what its removal would free. */
export interface Reach {
  readonly image: ImageId;
  readonly objects: number;
  readonly bytes: number;
  /** Shared with other open images. */
  readonly sharedObjects: number;
  readonly sharedBytes: number;
}

export const reportFormats = ['markdown', 'html', 'json', 'sarif'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** What a report is made of. */
export interface VerifyReport {
  /** Version of Composcope. */
  readonly version: string;
  /** ISO 8601. */
  readonly date: string;
  readonly images: readonly ReportImage[];
  readonly stores: readonly { readonly path: string; readonly title: string; readonly note: string | undefined }[];
  readonly counts: Readonly<Partial<Record<VerityStatus, number>>>;
  readonly objects: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly notes: readonly string[];
  /** In the order of the problem list. */
  readonly failures: readonly ReportFailure[];
  /** Failures that are not in the list. */
  readonly omitted: number;
}

export interface ReportImage {
  readonly path: string;
  readonly name: string;
  readonly title: string;
  readonly algorithm: 'sha256' | 'sha512';
  readonly digest: string;
  readonly expected: ExpectedDigest | undefined;
  readonly signature: SignatureReport | undefined;
}

export interface ReportFailure {
  readonly status: VerityStatus;
  readonly redirect: string;
  readonly expectedDigest: string | undefined;
  readonly expectedSize: number;
  readonly foundDigest: string | undefined;
  readonly foundSize: number | undefined;
  readonly objectPath: string | undefined;
  readonly errno: string | undefined;
  readonly message: string;
  readonly explanation: Explanation | undefined;
  readonly kernel: KernelWords;
  readonly advice: readonly string[];
  /** At most 1000. */
  readonly uses: readonly { readonly image: string; readonly path: string }[];
  readonly usesOmitted: number;
}
