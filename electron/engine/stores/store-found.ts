import type { StoreKind } from '../../../shared/store/recognise.ts';

/** A store at a place on disk, with the images that its layout holds. */
export interface StoreFound {
  /** The folder that was given, or found. */
  readonly path: string;
  /** The folder below which redirects are resolved. */
  readonly dataRoot: string;
  readonly kind: StoreKind;
  /** For a person: `ostree repository (bare)`. */
  readonly title: string;
  /** A word of caution, one or more clauses; undefined: none. */
  readonly note: string | undefined;
  /** Image files that belong to it, absolute; at most `MAX_IMAGES`, and then `note` says so. */
  readonly images: readonly string[];
  /** The layout was recognised. False: a plain folder, which may or may not be meant as a store. */
  readonly certain: boolean;
}

/** Images that one layout lists: more are not opened by dropping a folder. */
export const MAX_IMAGES = 64;

/** What a layout says of itself: its image files, and what is wrong with those left out. */
export interface ImageList {
  readonly images: readonly string[];
  readonly cautions: readonly string[];
}

/** The first `MAX_IMAGES`, and a caution that counts the rest. */
export function capImages(images: readonly string[], cautions: readonly string[] = []): ImageList {
  if (images.length <= MAX_IMAGES) return { images, cautions };
  const caution = `holds ${images.length} images: the first ${MAX_IMAGES} are listed`;
  return { images: images.slice(0, MAX_IMAGES), cautions: [...cautions, caution] };
}

/** Clauses as one note. */
export function noteOf(...clauses: readonly (string | undefined)[]): string | undefined {
  const said = clauses.filter((clause) => clause !== undefined);
  return said.length === 0 ? undefined : said.join('; ');
}

/** `1 image`, `3 images`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
