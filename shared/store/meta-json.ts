/** What a composefs-rs repository says of itself (spec repository.md, section 2). */
export interface RepositoryMeta {
  readonly algorithm: 'sha256' | 'sha512';
  /** Format of the images that it makes: 0, 1 or 2. */
  readonly imageFormat: number;
  /** Why it should be left alone or not be written to; empty: nothing unusual. */
  readonly cautions: readonly string[];
}

/** The fields that are looked at, as they must be. */
interface MetaJson {
  readonly version: number;
  readonly algorithm: string;
  readonly incompatible: readonly string[];
  readonly readOnlyCompatible: readonly string[];
  readonly formats: { readonly default: number; readonly extra: readonly number[] } | undefined;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function listOf<T>(value: unknown, isItem: (item: unknown) => item is T): readonly T[] | undefined {
  if (value === undefined) return [];
  return Array.isArray(value) && value.every(isItem) ? value : undefined;
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

/** By hand: to load zod takes longer than all else that the command line does at its start. */
function checkMetaJson(json: unknown): MetaJson | undefined {
  if (!isObject(json)) return undefined;
  const { version, algorithm, features = {}, erofs_formats: formats } = json;
  if (typeof version !== 'number' || !isString(algorithm) || !isObject(features)) return undefined;
  const incompatible = listOf(features['incompatible'], isString);
  const readOnlyCompatible = listOf(features['read-only-compatible'], isString);
  if (incompatible === undefined || readOnlyCompatible === undefined) return undefined;
  if (formats === undefined) return { version, algorithm, incompatible, readOnlyCompatible, formats };
  if (!isObject(formats) || !isInteger(formats['default'])) return undefined;
  const extra = listOf(formats['extra'], isInteger);
  if (extra === undefined) return undefined;
  return { version, algorithm, incompatible, readOnlyCompatible, formats: { default: formats['default'], extra } };
}

/**
 * Reads `meta.json`.
 * @returns undefined where it is not that of a repository: no JSON, or no `fsverity-…` algorithm
 */
export function parseMetaJson(text: string): RepositoryMeta | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const meta = checkMetaJson(json);
  if (meta === undefined) return undefined;
  const { version, algorithm, incompatible, readOnlyCompatible, formats } = meta;
  if (!algorithm.startsWith('fsverity-')) return undefined;
  const cautions: string[] = [];
  if (version > 1) cautions.push(`repository format ${version} is newer than any known here`);
  if (algorithm !== 'fsverity-sha256-12' && algorithm !== 'fsverity-sha512-12') {
    cautions.push(`unknown algorithm “${algorithm}”`);
  }
  for (const name of incompatible) {
    cautions.push(`unknown incompatible feature “${name}”: its own tools refuse this repository`);
  }
  for (const name of readOnlyCompatible) {
    if (name !== 'v1_erofs') cautions.push(`unknown feature “${name}”: to be opened read-only`);
  }
  // An explicit {default: 2} with nothing extra counts as absent: composefs-rs does so.
  const explicit = formats !== undefined && !(formats.default === 2 && formats.extra.length === 0);
  const implied = readOnlyCompatible.includes('v1_erofs') ? 1 : 2;
  return {
    algorithm: algorithm.includes('sha512') ? 'sha512' : 'sha256',
    imageFormat: explicit ? formats.default : implied,
    cautions,
  };
}
