import type { StoreInfo } from '../contract/values.ts';
import { parseMetaJson } from './meta-json.ts';

export type StoreKind = StoreInfo['kind'];
export type ListedKind = 'file' | 'directory' | 'symlink' | 'other';

/** What is looked at of a folder to tell which store it is; whoever has a file system fills it in. */
export interface FolderListing {
  /** Kind of what lies in the folder, by name; a symlink is not followed. */
  readonly entries: ReadonlyMap<string, ListedKind>;
  /** Text of `meta.json` and `config`, where they are. */
  readonly metaJson: string | undefined;
  readonly config: string | undefined;
  /** Names found in a few of the two-digit folders (`00` … `ff`) right below. */
  readonly samples: readonly string[];
  /** The same below `objects/`. */
  readonly objectSamples: readonly string[];
}

export interface Recognition {
  readonly kind: StoreKind;
  /** Where redirects are resolved: the folder itself or its `objects`. */
  readonly dataRoot: '.' | 'objects';
  /** For a person: `ostree repository (bare)`. */
  readonly title: string;
  /** A word of caution. */
  readonly note: string | undefined;
  /**
   * Names of 64 digits alone do not tell an fs-verity digest from a plain SHA-256: the content of one object does
   * (`nameOfContent`).
   */
  readonly ambiguous: boolean;
}

/** What the name of a file in a two-digit folder says. */
export type ObjectName = 'sha256' | 'sha512' | 'ostree-file' | 'ostree-filez' | 'ostree-metadata';

export const TWO_DIGITS = /^[0-9a-f]{2}$/;

/** Classifies the name of a file inside a two-digit folder (spec stores.md, section 1); undefined: no object's. */
export function objectName(name: string): ObjectName | undefined {
  if (/^[0-9a-f]{62}$/.test(name)) return 'sha256';
  if (/^[0-9a-f]{126}$/.test(name)) return 'sha512';
  const ostree = /^[0-9a-f]{62}\.(file|filez|dirtree|dirmeta|commit|commitmeta)$/.exec(name)?.[1];
  if (ostree === undefined) return undefined;
  if (ostree === 'file') return 'ostree-file';
  return ostree === 'filez' ? 'ostree-filez' : 'ostree-metadata';
}

const ARCHIVE = 'objects are compressed (.filez): an archive repository cannot back a mount';

/**
 * Which store a folder is, by what is in it (spec stores.md, section 7; repository.md, section 11).
 * @returns undefined: none of the known layouts. What lies further below is not looked at.
 */
export function recogniseFolder(listing: FolderListing): Recognition | undefined {
  const { entries } = listing;
  const has = (name: string): boolean => entries.get(name) === 'directory' || entries.get(name) === 'symlink';
  const meta = listing.metaJson === undefined ? undefined : parseMetaJson(listing.metaJson);
  if (meta !== undefined) {
    return {
      kind: 'composefs-rs',
      dataRoot: 'objects',
      title: `composefs-rs repository (${hashName(meta.algorithm)}, image format ${meta.imageFormat})`,
      note: join(meta.cautions),
      ambiguous: false,
    };
  }
  const mode = listing.config === undefined ? undefined : ostreeMode(listing.config);
  if (mode !== undefined && has('objects')) {
    const archive = mode.startsWith('archive');
    const title = `ostree repository (${mode})`;
    return { kind: 'ostree', dataRoot: 'objects', title, note: archive ? ARCHIVE : undefined, ambiguous: false };
  }
  if (has('objects') && (has('images') || has('streams'))) {
    const hash = majority(listing.objectSamples);
    const known = hash === 'sha256' || hash === 'sha512' ? ` (${hashName(hash)})` : '';
    const broken = listing.metaJson === undefined ? [] : ['its meta.json cannot be understood'];
    return {
      kind: 'composefs-rs',
      dataRoot: 'objects',
      title: `composefs-rs repository without meta.json${known}`,
      note: join([...broken, ...mixed(listing.objectSamples)]),
      ambiguous: false,
    };
  }
  return flat(listing.samples, '.') ?? (has('objects') ? flat(listing.objectSamples, 'objects') : undefined);
}

/** A folder of two-digit folders and nothing that says whose. */
function flat(samples: readonly string[], dataRoot: '.' | 'objects'): Recognition | undefined {
  const note = join(mixed(samples));
  switch (majority(samples)) {
    case 'sha256':
      return { kind: 'mkcomposefs', dataRoot, title: 'mkcomposefs digest store', note, ambiguous: true };
    case 'sha512':
      return { kind: 'composefs-rs', dataRoot, title: 'composefs-rs objects (SHA-512)', note, ambiguous: false };
    case 'ostree-file':
    case 'ostree-metadata':
      return { kind: 'ostree', dataRoot, title: 'ostree objects', note: undefined, ambiguous: false };
    case 'ostree-filez':
      return { kind: 'ostree', dataRoot, title: 'ostree objects (archive)', note: ARCHIVE, ambiguous: false };
    case undefined:
      return undefined;
  }
}

/** The kind of name that occurs most; of ostree's, what is a file's decides over what is metadata. */
function majority(samples: readonly string[]): ObjectName | undefined {
  const counts = new Map<ObjectName, number>();
  for (const sample of samples) {
    const name = objectName(sample);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  if (counts.size > 1) counts.delete('ostree-metadata');
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0];
}

function mixed(samples: readonly string[]): string[] {
  const names = new Set(samples.map(objectName));
  return names.has('sha256') && names.has('sha512') ? ['holds SHA-256 and SHA-512 names at once'] : [];
}

/** `mode` of the `[core]` group in an ostree repository's `config`; undefined: not such a file. */
export function ostreeMode(config: string): string | undefined {
  let group = '';
  for (const line of config.split(/\r?\n/)) {
    group = /^\[([^\]]*)\]\s*$/.exec(line)?.[1] ?? group;
    const mode = /^mode\s*=\s*([a-z0-9-]{1,32})\s*$/.exec(line)?.[1];
    if (mode !== undefined && group === 'core') return mode;
  }
  return undefined;
}

const hashName = (algorithm: 'sha256' | 'sha512'): string => (algorithm === 'sha256' ? 'SHA-256' : 'SHA-512');
const join = (notes: readonly string[]): string | undefined => (notes.length === 0 ? undefined : notes.join('; '));
