import * as z from 'zod';

/** What the window, main and the engine say of images that are to be published, and of what was. */

const AbsolutePath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'holds a NUL');

/** Image files as they are; and layers, the lowest first, of which an image of each is made and one of all. */
const PublicationSources = z.strictObject({
  images: z.array(AbsolutePath).max(500),
  layers: z.array(AbsolutePath).max(500),
});
export type PublicationSources = z.output<typeof PublicationSources>;

export const PublishSummaryRequest = z.strictObject({
  sources: PublicationSources,
  folder: AbsolutePath.optional(),
});
export type PublishSummaryRequest = z.output<typeof PublishSummaryRequest>;

const Signing = z.strictObject({
  key: AbsolutePath,
  certificate: AbsolutePath,
  /** Of a key that is encrypted; nobody keeps it. */
  passphrase: z.string().max(1024).optional(),
});
export type Signing = z.output<typeof Signing>;

export const PublishRequest = z.strictObject({
  sources: PublicationSources,
  folder: AbsolutePath,
  signing: Signing.optional(),
  /** Read what the folder has already, too. */
  checkContent: z.boolean(),
});
export type PublishRequest = z.output<typeof PublishRequest>;

export const CheckPublicationRequest = z.strictObject({
  folder: AbsolutePath,
  certificates: z.array(AbsolutePath).max(16),
  /** Made anew, and held against what was published. */
  sources: PublicationSources.optional(),
});
export type CheckPublicationRequest = z.output<typeof CheckPublicationRequest>;

const ImageName = z.string().min(1).max(255);

export const FetchPlanRequest = z.strictObject({
  folder: AbsolutePath,
  /** What the client has, with all its objects; undefined: nothing. */
  have: ImageName.optional(),
  want: ImageName,
});
export type FetchPlanRequest = z.output<typeof FetchPlanRequest>;

/** An image that would be published. */
export interface PlannedImage {
  readonly name: string;
  /** Where it is from. */
  readonly source: string;
  readonly kind: 'image' | 'layer' | 'merged';
  readonly entries: number;
  /** Objects, and their bytes; of what is hashed only while it is published, files: equal ones become one object. */
  readonly objects: number;
  readonly objectBytes: number;
  readonly isExact: boolean;
  /** Objects that no store has: publishing would fail. */
  readonly missing: number;
  /** Why it cannot be published; undefined: it can. */
  readonly problem: string | undefined;
}

/** What is at the place where a publication is to go. */
export type PublishTarget =
  | { readonly kind: 'new' | 'empty' | 'other' }
  | { readonly kind: 'publication'; readonly images: readonly { readonly name: string; readonly path: string }[] }
  | { readonly kind: 'bad'; readonly sentence: string };

export interface PublishSummary {
  readonly images: readonly PlannedImage[];
  /** Different objects of all images. */
  readonly objects: number;
  readonly bytes: number;
  readonly isExact: boolean;
  readonly target: PublishTarget | undefined;
}

/** An image of a publication, as the manifest has it. */
export interface PublicationImageInfo {
  readonly name: string;
  /** On disk. */
  readonly path: string;
  readonly digest: string;
  readonly format: number;
  /** Of the file, in bytes. */
  readonly size: number;
  readonly objects: number;
  readonly objectBytes: number;
  readonly isSigned: boolean;
}

export interface PublicationInfo {
  readonly folder: string;
  readonly manifest: string;
  readonly images: readonly PublicationImageInfo[];
  readonly objects: number;
  readonly bytes: number;
}

export interface PublishedInfo {
  readonly publication: PublicationInfo;
  readonly written: number;
  readonly writtenBytes: number;
  readonly sealed: number;
  /** Wrong objects that were replaced: sentences. */
  readonly replaced: readonly string[];
  /** Distinguished name of who signed; undefined: nobody. */
  readonly signer: string | undefined;
}

/** How it ended: files that cannot be read are all told at once; a passphrase that lacks, or is wrong, is asked for. */
export type PublishOutcome =
  | { readonly kind: 'published'; readonly published: PublishedInfo }
  | {
      readonly kind: 'unreadable';
      readonly files: readonly { readonly path: string; readonly code: string; readonly message: string }[];
      readonly count: number;
    };

export interface PublicationFaultInfo {
  readonly part: 'manifest' | 'image' | 'object' | 'signature' | 'source';
  readonly path: string;
  /** A clause. */
  readonly message: string;
  /** Names of the images that need it. */
  readonly images: readonly string[];
}

export interface PublicationVerdict {
  readonly images: number;
  /** Objects that are right. */
  readonly objects: number;
  readonly bytes: number;
  readonly signatures: { readonly there: number; readonly checked: number };
  /** Images that were made anew and held against the published ones; undefined: not asked for. */
  readonly compared: number | undefined;
  /** The first of them. */
  readonly faults: readonly PublicationFaultInfo[];
  readonly faultCount: number;
}

export interface FetchPlan {
  readonly objects: number;
  readonly bytes: number;
  readonly kept: number;
  readonly keptBytes: number;
  /** Bytes of the image itself. */
  readonly imageBytes: number;
  /** The first of them, in the manifest's order; at most `MAX_PLAN_SHOWN`. */
  readonly fetch: readonly { readonly path: string; readonly size: number }[];
}
export const MAX_PLAN_SHOWN = 1000;

/** A key that is encrypted has no, or a wrong, passphrase: a code of errors. */
export const PASSPHRASE = 'EKEYREJECTED';

const nameOf = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;
export const publishTitle = (folder: string): string => `Publishing to ${nameOf(folder)}`;
export const checkTitle = (folder: string): string => `Checking ${nameOf(folder)}`;
