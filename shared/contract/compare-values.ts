import type { EntryDetails, EntryKind, ImageId, XattrValue } from './values.ts';
import type { DigestFinding } from './verify-values.ts';

/** Two trees compared, as plain data. */

export type ComparisonId = number;

/** What is compared. */
export type CompareSide =
  /** An open image. */
  | { readonly kind: 'image'; readonly image: ImageId }
  /** Whatever lies at the paths: several are layers, the lowest first; a container image has several by itself. */
  | { readonly kind: 'paths'; readonly paths: readonly string[]; readonly userXattrs: boolean };

/** A side that was opened. */
export interface CompareSideInfo {
  readonly name: string;
  /** Of the image, or of the layers. */
  readonly paths: readonly string[];
  /** `composefs image, format 1`, `directory`, … */
  readonly title: string;
  /** Of the open image that it is; undefined: it was opened for this comparison. */
  readonly image: ImageId | undefined;
  /** Names, stubs left out. */
  readonly entries: number;
  /** Hex, the fs-verity digest of the image file; undefined: it is none, or not computed yet. */
  readonly digest: string | undefined;
  readonly problems: number;
}

/**
 * What became of a name from A to B. `moved`: the same in another directory; `renamed`: under another name in the same
 * one. Both have two rows, one at each place.
 */
export const compareStatuses = ['equal', 'changed', 'added', 'removed', 'moved', 'renamed'] as const;
export type CompareStatus = (typeof compareStatuses)[number];

/** What can differ between two entries. Sizes of directories are never compared: they are how the image lies on disk. */
export const compareAttributes = [
  'type',
  'mode',
  'uid',
  'gid',
  'mtime',
  'nlink',
  'rdev',
  'size',
  'target',
  /** Bytes of a file that lies in the image on both sides, or of which it is known that they differ. */
  'content',
  'digest',
  'redirect',
  /** Whether the bytes lie in the image or in an object. */
  'storage',
  /** Which paths are one inode. */
  'links',
  'selinux',
  'overlay',
  'xattrs',
] as const;
export type CompareAttribute = (typeof compareAttributes)[number];

/** What is not to count as a difference. */
export interface CompareNoise {
  readonly attributes: readonly CompareAttribute[];
  /** Names of xattrs, `*` for any letters: `user.*`. */
  readonly xattrs: readonly string[];
  /** In the filter's language: what matches, and what is below it, is not compared. Empty: nothing. */
  readonly paths: string;
}

export const NO_NOISE: CompareNoise = { attributes: [], xattrs: [], paths: '' };

/** One visible row of a comparison: a name of either side. */
export interface CompareRow {
  /** Of the merged tree; the key of everything else. */
  readonly row: number;
  /** As text; the root's is `/`. */
  readonly name: string;
  /** 0 for the root. */
  readonly depth: number;
  /** Directory on a side: whether it is expanded. Others: undefined. */
  readonly expanded: boolean | undefined;
  readonly hasChildren: boolean;
  /** Among the siblings that are shown, from 1. */
  readonly position: number;
  readonly siblings: number;
  readonly status: CompareStatus;
  /** Those that differ, noise left out; of what was moved or renamed, against its other place. */
  readonly attributes: readonly CompareAttribute[];
  /** Of what was moved or renamed: its other place. */
  readonly partner: { readonly row: number; readonly path: string } | undefined;
  readonly a: CompareCell | undefined;
  readonly b: CompareCell | undefined;
  /** Differences below it, itself left out. */
  readonly below: Readonly<Record<Exclude<CompareStatus, 'equal'>, number>>;
}

/** A side of a row. */
export interface CompareCell {
  /** Row in the side's own table. */
  readonly entry: number;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; undefined for what has no content. */
  readonly size: number | undefined;
  readonly mtime: number;
  readonly mtimeNsec: number;
  readonly digest: string | undefined;
  readonly redirect: string | undefined;
  readonly target: string | undefined;
}

export interface CompareFilter {
  /** In the filter's language; a row matches where one of its sides does. */
  readonly text: string;
  /** None: all. */
  readonly statuses: readonly CompareStatus[];
  /** None: all. Rows that differ in one of them. */
  readonly attributes: readonly CompareAttribute[];
  readonly onlyDifferences: boolean;
}

export interface CompareState {
  readonly comparison: ComparisonId;
  readonly a: CompareSideInfo;
  readonly b: CompareSideInfo;
  /** Number of rows that can be asked for. */
  readonly total: number;
  /** Rows that match by themselves. */
  readonly matches: number;
  readonly filter: CompareFilter;
  /** What is wrong with the filter's text, or with that of the noise; the rows are then as before. */
  readonly fault: { readonly in: 'filter' | 'noise'; readonly message: string } | undefined;
  readonly noise: CompareNoise;
  readonly counts: CompareCounts;
}

export interface CompareCounts {
  /** Names, by what became of them; what was moved or renamed counts once. */
  readonly statuses: Readonly<Record<CompareStatus, number>>;
  /** Pairs of names that differ in it; without those that were added or removed. */
  readonly attributes: Readonly<Partial<Record<CompareAttribute, number>>>;
  /** Differences that the noise switches hide. */
  readonly ignored: number;
  /** The trees are equal, and so are the bytes of the images, or their digests. */
  readonly bytesEqual: boolean | undefined;
}

/** An attribute of one pair, in words. */
export interface CompareValue {
  /** An attribute, or `xattr`; `inode` and the like are shown, and never differ. */
  readonly attribute: CompareAttribute | 'xattr' | 'shown';
  readonly label: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
  readonly differs: boolean;
  /** It differs, and the noise switches hide it. */
  readonly ignored: boolean;
  /** Of an xattr: raw. */
  readonly rawA?: XattrValue | undefined;
  readonly rawB?: XattrValue | undefined;
}

export interface ComparePair {
  readonly row: CompareRow;
  readonly pathA: string | undefined;
  readonly pathB: string | undefined;
  readonly values: readonly CompareValue[];
  /** As of an image's own entry; undefined where the side has no such entry. */
  readonly a: EntryDetails | undefined;
  readonly b: EntryDetails | undefined;
}

/** What there is to fetch to have B where A is, and the objects of the stores. Objects are distinct. */
export interface DownloadPlan {
  /** What B refers to. */
  readonly wanted: ObjectSum;
  /** Of these, what A refers to as well: there already, where A is. */
  readonly shared: ObjectSum;
  /** Of the others, what the stores hold. */
  readonly inStores: ObjectSum;
  /** The rest: what must be fetched. */
  readonly missing: ObjectSum;
  /** What A refers to and B does not. */
  readonly dropped: ObjectSum;
  /** Where in B it lies, by the two upper folders, the largest first; an object counts where it is first met. */
  readonly folders: readonly (ObjectSum & { readonly path: string })[];
  /** Of the image file of B itself, in bytes; undefined: it is none. */
  readonly imageBytes: number | undefined;
  /** What each number is, in a sentence each. */
  readonly definitions: Readonly<Record<'wanted' | 'shared' | 'inStores' | 'missing' | 'dropped', string>>;
  readonly stores: readonly string[];
}

export interface ObjectSum {
  readonly objects: number;
  readonly bytes: number;
}

export interface CompareSummary {
  readonly counts: CompareCounts;
  /** By the upper folder, the most differences first. */
  readonly folders: readonly {
    readonly row: number;
    readonly path: string;
    readonly statuses: CompareRow['below'];
  }[];
  readonly download: DownloadPlan;
}

/** A node of the treemap of differences. Its weight is the number of differences, or their bytes, in it. */
export interface CompareTreemapNode {
  /** undefined: small ones summed. */
  readonly row: number | undefined;
  readonly name: string;
  readonly status: CompareStatus;
  readonly differences: number;
  /** Bytes of the files that were added, removed or have other content: the larger of both sides. */
  readonly bytes: number;
  readonly children: readonly CompareTreemapNode[] | undefined;
}

/** A known reason for differences, and what it explains. */
export interface CompareCause {
  /** `D03`, as in the catalogue; `unexplained` for the rest. */
  readonly id: string;
  readonly title: string;
  /** One sentence with the numbers. */
  readonly sentence: string;
  /** Names that it explains, wholly or in part. */
  readonly count: number;
  readonly attributes: readonly (CompareAttribute | 'added' | 'removed')[];
  /** At most 10. */
  readonly examples: readonly { readonly row: number; readonly path: string; readonly what: string }[];
  /** `certain`: shown by the bytes; `strong`: the rule matches without a rest; `likely`: in most of it. */
  readonly confidence: 'certain' | 'strong' | 'likely' | 'possible';
  /** How it was recognised. */
  readonly rule: string;
  /** Tools and versions known to behave so. */
  readonly knownFrom: string;
  readonly advice: string;
}

/** A part of the format that differs. */
export interface FormatDifference {
  /** `composefs header`, `superblock`, `inode`, … */
  readonly structure: string;
  readonly field: string;
  readonly a: string;
  readonly b: string;
  /** Bytes from the start of each image. */
  readonly offsetA: number | undefined;
  readonly offsetB: number | undefined;
}

/** Title of the job that looks for causes. */
export const EXPLAIN_JOB = 'Looking for causes';
export const MATRIX_JOB = 'Writing the tree in each way';

export interface CompareExplanation {
  /** The largest first; what is unexplained last. */
  readonly causes: readonly CompareCause[];
  /** How the files themselves differ; empty where they are equal, or one side is no image. */
  readonly format: readonly FormatDifference[];
  /** One sentence: what there is to say of the whole. */
  readonly headline: string;
  /** One sentence: how it was shown that the causes are all there is; undefined: it was not. */
  readonly proof: string | undefined;
  /** What a text diff of two dumps shows, and is no difference: sentences. */
  readonly artefacts: readonly string[];
}

/** The digest that a tree has when it is written in one way. */
export interface MatrixCell {
  readonly formatVersion: 0 | 1 | 2;
  readonly algorithm: 'sha256' | 'sha512';
  /** `all`, `security.capability only`, … */
  readonly xattrs: string;
  /** Hex; undefined: it cannot be made, and `why` says why. */
  readonly digest: string | undefined;
  readonly why: string | undefined;
  /** It is the digest of the side itself, or the one that is expected of it, or the other side's. */
  readonly equals: readonly ('own' | 'expected' | 'other')[];
}

export interface DigestMatrix {
  readonly side: 'a' | 'b';
  readonly own: string | undefined;
  readonly expected: string | undefined;
  /** The other side's. */
  readonly other: string | undefined;
  /** What the expected digest is, where that was found out and it is not the side's own. */
  readonly finding: DigestFinding | undefined;
  readonly cells: readonly MatrixCell[];
}

export const compareFormats = ['json', 'csv', 'html', 'markdown', 'dump'] as const;
export type CompareFormat = (typeof compareFormats)[number];
