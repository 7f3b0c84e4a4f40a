import type { FormatVersion, OtherWriter } from '../../../../composefs/writer/format-rules.ts';
import type { DraftImage } from '../../../draft-image.ts';
import type { Image } from '../../../image.ts';
import type { CauseWords } from '../delta.ts';
import type { PolicyOfTree } from '../matrix.ts';

/** What all transformations of a search know. */
export interface SearchContext {
  readonly tree: Image;
  /** fs-verity digest of these bytes by the hash of the tree's objects. */
  readonly digestOf: (bytes: Uint8Array) => Uint8Array;
  /** Contents of small files that lie in objects, by inode, as far as they are at hand. */
  readonly contents: ReadonlyMap<number, Uint8Array>;
  /** What known policies keep of the tree's xattrs. */
  readonly policies: readonly PolicyOfTree[];
}

/** One operation on a tree that some tool or version does (digest-divergence.md, section 4). */
export interface Transform {
  /** `T3` */
  readonly transform: string;
  /** What was done, for a sentence. */
  readonly what: string;
  readonly cause: CauseWords;
  /** Of those of one group, one alone is done: the others would undo it, or do nothing. */
  readonly group: string;
  /** Formats that it makes a difference in; undefined: all. */
  readonly formats?: readonly FormatVersion[];
  readonly writer?: OtherWriter;
  /** @returns whether it changed anything */
  readonly apply: (draft: DraftImage, context: SearchContext) => boolean;
  /** What there is to say where it is the one, in place of the cause's advice. */
  readonly advice?: (context: SearchContext) => readonly string[];
}
