import type { EntryLayers, StackInfo } from './layer-values.ts';
import type { VerityStatus } from './status.ts';
import type { DigestFinding, ExpectedDigest, SignatureReport } from './verify-values.ts';

/** Plain data that crosses from engine to window. Structured clone carries it: no functions, no classes. */

export type ImageId = number;
export type StoreId = number;
export type ViewId = number;
export type JobId = number;

export type EntryKind =
  'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo' | 'socket' | 'whiteout' | 'unknown';

/** One visible row of a view. */
export interface EntryRow {
  /** Row in the image's table; the key of everything else. */
  readonly entry: number;
  /** As text: bytes that are not UTF-8, and control characters, as `\xNN`. The root's is `/`. */
  readonly name: string;
  /** 0 for the root. */
  readonly depth: number;
  /** Directory: whether it is expanded in this view, and has children at all. Others: undefined. */
  readonly expanded: boolean | undefined;
  readonly hasChildren: boolean;
  /** Position among its siblings in this view, from 1, and their number: for `aria-posinset` and `aria-setsize`. */
  readonly position: number;
  readonly siblings: number;
  readonly kind: EntryKind;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; undefined for what has no content (devices, FIFOs, sockets, directories). */
  readonly size: number | undefined;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly mtimeNsec: number;
  readonly nlink: number;
  readonly inode: number;
  /** Path of the object below the data root. */
  readonly redirect: string | undefined;
  /** Lower-case hex. */
  readonly digest: string | undefined;
  readonly verity: VerityStatus | undefined;
  /** Of a symlink. */
  readonly target: string | undefined;
  /** First thing that is wrong with the entry, in a sentence. */
  readonly problem: string | undefined;
  /** In a filtered view: it matches by itself, and is not only an ancestor of a match. */
  readonly matches: boolean;
  /** Of a stack: number of the layer that it is from, 1 the lowest. */
  readonly layer: number | undefined;
  /** Of a stack: why it does not show, in a few words (`whiteout`, `removed by layer 3`); undefined: it does. */
  readonly hidden: string | undefined;
}

export const sortColumns = [
  'name',
  'size',
  'mode',
  'owner',
  'modified',
  'links',
  'inode',
  'redirect',
  'digest',
  'verity',
  'layer',
] as const;
export type SortColumn = (typeof sortColumns)[number];

export interface Sort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

/** What is wrong with a filter's text: the word from `from` up to `to` (UTF-16 units), and why. */
export interface FilterFault {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

export interface ViewState {
  readonly view: ViewId;
  readonly image: ImageId;
  /** Number of rows that can be asked for. */
  readonly total: number;
  /** Number of entries that match by themselves; equals the number of entries without a filter. */
  readonly matches: number;
  readonly filter: string;
  readonly fault: FilterFault | undefined;
  readonly sort: Sort;
  /** Of a stack: whether the rows have what it hides. */
  readonly showsHidden: boolean;
}

export interface Counts {
  readonly entries: number;
  readonly directories: number;
  readonly files: number;
  readonly inlineFiles: number;
  readonly backedFiles: number;
  readonly emptyFiles: number;
  readonly symlinks: number;
  readonly devices: number;
  readonly fifos: number;
  readonly sockets: number;
  readonly whiteouts: number;
  readonly hardLinks: number;
  /** Distinct objects (redirect, digest and size) that the image refers to, and the sum of their sizes in bytes. */
  readonly objects: number;
  readonly objectBytes: number;
  /** Sum of the sizes of all regular files, hard links once, in bytes. */
  readonly apparentBytes: number;
}

export interface ImageInfo {
  readonly image: ImageId;
  readonly path: string;
  readonly name: string;
  readonly kind: 'composefs' | 'erofs' | 'cfs' | 'dump' | 'directory' | 'tar' | 'stack';
  /** For a person: `composefs image, format 1`, `2023 format, no kernel mounts it`, … */
  readonly title: string;
  readonly formatVersion: number | undefined;
  /** Length of the file in bytes. */
  readonly bytes: number;
  readonly counts: Counts;
  /** Hex; undefined until it is computed (an event tells). */
  readonly digest: string | undefined;
  /** Why there is none, and none is being computed, in a sentence; `measure` starts it anew. */
  readonly noDigest: string | undefined;
  /** Of the image digest. */
  readonly algorithm: 'sha256' | 'sha512';
  /** The digest that it should have, where that is known. */
  readonly expected: ExpectedDigest | undefined;
  /** What the expected digest is, where it is not the image's own (an event tells). */
  readonly digestFinding: DigestFinding | undefined;
  /** Of a detached signature, once one was checked. */
  readonly signature: SignatureReport | undefined;
  /** What was found that says a digest, but cannot be used: sentences. */
  readonly digestProblems: readonly string[];
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly problems: number;
  /** Distinct objects by status. */
  readonly statuses: Readonly<Partial<Record<VerityStatus, number>>>;
  /** How long it took from open(2) to the whole table, in ms. */
  readonly openedInMs: number;
}

export interface StoreInfo {
  readonly store: StoreId;
  /** What the user gave, or was found. */
  readonly path: string;
  /** The folder that redirects are resolved below. */
  readonly dataRoot: string;
  readonly kind: 'mkcomposefs' | 'composefs-rs' | 'ostree' | 'containers-storage' | 'plain';
  /** For a person: `ostree repository (bare)`. */
  readonly title: string;
  /** Number of objects, as far as counted; undefined while counting. */
  readonly objects: number | undefined;
  /** How many of its objects the open images refer to; undefined: not looked yet. */
  readonly found: number | undefined;
  /** A word of caution: archive repository, permission, unknown feature, … */
  readonly note: string | undefined;
  /** Found beside an image, not given by the user. */
  readonly automatic: boolean;
}

export interface Workspace {
  readonly images: readonly ImageInfo[];
  /** In the order in which they are searched. */
  readonly stores: readonly StoreInfo[];
  /** What those images that are stacks are made of. */
  readonly stacks: readonly StackInfo[];
}

/** What opening a path gave. Errors are errors; `notes` are sentences for a person. */
export interface Opened {
  /** The folder, where it was published: its images are offered. */
  readonly publication?: string;
  readonly images: readonly ImageId[];
  readonly stores: readonly StoreId[];
  readonly notes: readonly string[];
}

export interface XattrValue {
  /** Raw name, as stored, as text. */
  readonly name: string;
  /** Name that a mount shows; undefined where a mount hides it (overlay's own). */
  readonly effectiveName: string | undefined;
  /** At most the first 4096 bytes. */
  readonly value: Uint8Array;
  readonly valueLength: number;
  /** The value in words, where we know the attribute: SELinux label, capabilities, ACL, metacopy, redirect, opaque. */
  readonly decoded: string | undefined;
  readonly storage: 'inline' | 'shared';
  /** Bytes from the start of the image. */
  readonly offset: number;
}

export interface VerityDetail {
  readonly status: VerityStatus;
  /** A sentence: why it has this status. */
  readonly message: string;
  /** The object on disk, where one was found. */
  readonly objectPath: string | undefined;
  readonly store: StoreId | undefined;
  /** Bytes, of the object found. */
  readonly objectSize: number | undefined;
  /** E.g. `ENOENT`. */
  readonly errno: string | undefined;
}

export interface ProblemValue {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly entry: number | undefined;
  readonly path: string | undefined;
  readonly offset: number;
  readonly message: string;
}

export interface EntryDetails {
  readonly image: ImageId;
  readonly row: EntryRow;
  readonly path: string;
  /** Seconds as decimal digits (it may exceed a double) and the nanoseconds. */
  readonly mtime: { readonly seconds: string; readonly nsec: number };
  readonly device: { readonly major: number; readonly minor: number } | undefined;
  /** `stub of the 256`, `whiteout (character device 0:0)`, `whiteout (escaped)`; undefined: none. */
  readonly whiteout: string | undefined;
  readonly opaque: boolean;
  /** `compact`, `extended`; `flat`, `inline`, `chunk-based`, `compressed`; or where it was read, if in no image. */
  readonly layout: string;
  /** undefined: it lies in no image, but in a tar or a directory; or it cannot be read. */
  readonly inodeOffset: number | undefined;
  readonly digestAlgorithm: 'sha256' | 'sha512' | undefined;
  readonly verity: VerityDetail | undefined;
  readonly content: 'empty' | 'inline' | 'object' | 'layer' | 'unavailable' | undefined;
  /** Why content cannot be had, where it cannot. */
  readonly contentNote: string | undefined;
  readonly xattrs: readonly XattrValue[];
  /** Other paths with the same inode; at most 100. */
  readonly hardLinks: readonly string[];
  readonly problems: readonly ProblemValue[];
  /** Of a stack: which layers have it. */
  readonly layers?: EntryLayers | undefined;
}

export interface FieldValue {
  readonly offset: number;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly value: string;
}

/** A part of a file's content. */
export interface ContentPart {
  readonly bytes: Uint8Array;
  readonly offset: number;
  /** Of the whole content. */
  readonly size: number;
  /** MIME type told from the first bytes (`image/png`, `text/plain`, `application/octet-stream`, …). */
  readonly type: string;
}

export interface Use {
  readonly image: ImageId;
  readonly imageName: string;
  readonly entry: number;
  readonly path: string;
}

/** Who refers to an object. */
export interface Uses {
  readonly uses: readonly Use[];
  /** Number of those that are not in the list, which has an end. */
  readonly omitted: number;
}

/** A node of the treemap: weights are bytes. Small ones are summed into one with `entry` undefined. */
export interface TreemapNode {
  readonly entry: number | undefined;
  readonly name: string;
  readonly kind: EntryKind;
  readonly bytes: number;
  readonly entries: number;
  readonly children: readonly TreemapNode[] | undefined;
  /** Of a stack: of the bytes, how many are from which layer; the largest first. */
  readonly layers?: readonly { readonly layer: number; readonly bytes: number }[] | undefined;
}

export interface JobState {
  readonly job: JobId;
  readonly title: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly done: number;
  /** undefined: not known yet. */
  readonly total: number | undefined;
  readonly unit: 'objects' | 'bytes' | 'entries' | 'rules' | 'images';
  /** How it goes, in a few words; or why it failed. */
  readonly message: string | undefined;
}

export interface Completion {
  /** What to put in place of the text from `from` up to `to`. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** What it means, in a few words. */
  readonly hint: string;
}

/** An error as data. */
export interface WireError {
  /** `ImageErrorCode`, `errno` name, or `invalid-request`, `cancelled`, `internal`. */
  readonly code: string;
  /** One sentence for a person. */
  readonly message: string;
  /** The file on disk that it concerns. */
  readonly file: string | undefined;
  /** The path inside the image. */
  readonly path: string | undefined;
  readonly offset: number | undefined;
}

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError };
