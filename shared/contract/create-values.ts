import * as z from 'zod';

/** What the window, main and the engine say of images that are to be made. */

const AbsolutePath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'holds a NUL');

export const xattrPolicies = ['all', 'user', 'none'] as const;
export type XattrPolicy = (typeof xattrPolicies)[number];

/** `auto`: 0, and 1 where the tree has whiteouts, as mkcomposefs chooses; 2 is composefs-rs's own. */
export const formatChoices = ['auto', '0', '1', '2'] as const;
export type FormatChoice = (typeof formatChoices)[number];

/** What of the source goes into the image. */
const TreeOptions = z.strictObject({
  useEpoch: z.boolean(),
  skipDevices: z.boolean(),
  xattrs: z.enum(xattrPolicies),
  hardlinks: z.boolean(),
});
export type TreeOptions = z.output<typeof TreeOptions>;

/** What lies at the paths: a directory, a tar, a container image, an image; several are layers, the lowest first. */
const Sources = z.array(AbsolutePath).min(1).max(500);

export const SummaryRequest = z.strictObject({ sources: Sources, tree: TreeOptions });
export type SummaryRequest = z.output<typeof SummaryRequest>;

export const CreateRequest = z.strictObject({
  sources: Sources,
  tree: TreeOptions,
  format: z.enum(formatChoices),
  threads: z.int().min(1).max(64),
  /** Read what the store has already, too. */
  checkContent: z.boolean(),
  /** Data root for the objects; none are written without one. */
  store: AbsolutePath.optional(),
  /** The file to be made. */
  image: AbsolutePath,
});
export type CreateRequest = z.output<typeof CreateRequest>;

/** A file that cannot be read, or changed meanwhile. */
export interface UnreadableFile {
  readonly path: string;
  /** The errno. */
  readonly code: string;
  /** A clause. */
  readonly message: string;
}

/** What an image of a source would hold; names, but for `bytes` and `objects`. */
export interface SourceSummary {
  /** `directory`, `tar`, `3 layers`, … */
  readonly title: string;
  readonly entries: number;
  readonly files: number;
  /** Sum of the sizes of regular files. */
  readonly bytes: number;
  /** Files whose bytes go to the store; equal ones become one object. */
  readonly backedFiles: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly devices: number;
  /** Devices that the options leave out. */
  readonly skipped: number;
  /** FIFOs and sockets. */
  readonly others: number;
  readonly hardLinks: number;
  /** Names that are no UTF-8. */
  readonly oddNames: number;
  /** Names with extended attributes that the options keep. */
  readonly withXattrs: number;
  readonly whiteouts: number;
  /** The first of what cannot be read. */
  readonly unreadable: readonly UnreadableFile[];
  readonly unreadableCount: number;
}

export interface CreatedImage {
  readonly path: string;
  /** fs-verity, hex; of the hash that its objects have. */
  readonly digest: string;
  /** composefs_version. */
  readonly format: number;
  /** How sure its bytes are, where they are not the C tool's. */
  readonly note: string | undefined;
  readonly entries: number;
  /** Of the file. */
  readonly bytes: number;
  readonly objects: {
    readonly store: string | undefined;
    readonly objects: number;
    readonly bytes: number;
    /** Of them, those that were not in the store. */
    readonly written: number;
    readonly writtenBytes: number;
    readonly sealed: number;
    /** Wrong objects that were replaced: sentences. */
    readonly replaced: readonly string[];
  };
}

/** How it ended: files that cannot be read are all told at once, and nothing is written then. */
export type CreateOutcome =
  | { readonly kind: 'made'; readonly made: CreatedImage }
  | { readonly kind: 'unreadable'; readonly files: readonly UnreadableFile[]; readonly count: number };

/** What a job of making an image is called. */
export const createTitle = (image: string): string =>
  `Creating ${image.split('/').findLast((part) => part !== '') ?? image}`;
