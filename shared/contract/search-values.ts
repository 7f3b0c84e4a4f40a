/** The search for what a digest is of, that is expected of a tree and is not its own: as plain data. */

/** What must be done to a tree so that its image has the digest. */
export interface FoundStep {
  /** As in the catalogue of transformations: `T3`. */
  readonly transform: string;
  /** For a sentence: `nanoseconds set to 0`. */
  readonly what: string;
  /** `D04`, as in the catalogue of causes, and its title. */
  readonly cause: string;
  readonly title: string;
}

export interface FoundDigest {
  /** One sentence: how the image is made that has the digest. */
  readonly sentence: string;
  readonly formatVersion: 0 | 1 | 2;
  /** In the order in which they were done; none: the tree as it is, in another format or layout. */
  readonly steps: readonly FoundStep[];
  /** What to do, the first being the most to the point. */
  readonly advice: readonly string[];
}

export interface DigestSearch {
  /** Hex. */
  readonly expected: string;
  /** undefined: none of what was tried. A match is certain, as the whole image was written and measured. */
  readonly found: FoundDigest | undefined;
  /** Images that were written and measured. */
  readonly images: number;
  /** What was tried and what was not, and why: sentences. */
  readonly tried: readonly string[];
}

/** Title of the job. */
export const SEARCH_JOB = 'Searching for a digest';
