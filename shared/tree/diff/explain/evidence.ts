import type { SideName } from './delta.ts';

/** What the contents of two objects say that should be one file's; found out where they are at hand. */
export type ContentEvidence =
  /** The side's object has bytes whose digest is the other side's, and not its own. */
  | { readonly kind: 'wrong-id'; readonly side: SideName }
  /** The side's bytes are the first of the other side's; `missing` are not there. */
  | { readonly kind: 'cut-off'; readonly side: SideName; readonly missing: number }
  /** The side's bytes are the other side's, but for some blocks that are zeros. */
  | { readonly kind: 'zeros'; readonly side: SideName; readonly bytes: number };

/** A composefs-rs repository that was given its meta.json later than some of its images. */
export interface UpgradedRepository {
  readonly path: string;
  /** Format of the images that it makes now. */
  readonly imageFormat: number;
  /** Images of format 2 that are older than its meta.json. */
  readonly olderImages: number;
}

/** What is known of two sides beside what they say themselves; nothing where neither stores nor repositories are at hand. */
export interface Evidence {
  /** By row of the comparison. */
  readonly contents: ReadonlyMap<number, ContentEvidence>;
  /** That of one of the sides, or one that is attached. */
  readonly upgraded: UpgradedRepository | undefined;
}

export const NO_EVIDENCE: Evidence = { contents: new Map(), upgraded: undefined };
