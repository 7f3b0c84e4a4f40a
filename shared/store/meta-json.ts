import { z } from 'zod';

/** What a composefs-rs repository says of itself (spec repository.md, section 2). */
export interface RepositoryMeta {
  readonly algorithm: 'sha256' | 'sha512';
  /** Format of the images that it makes: 0, 1 or 2. */
  readonly imageFormat: number;
  /** Why it should be left alone or not be written to; empty: nothing unusual. */
  readonly cautions: readonly string[];
}

const Names = z.array(z.string()).default([]);
const MetaJson = z.object({
  version: z.number(),
  algorithm: z.string(),
  features: z
    .object({ incompatible: Names, 'read-only-compatible': Names })
    .default({ incompatible: [], 'read-only-compatible': [] }),
  erofs_formats: z.object({ default: z.int(), extra: z.array(z.int()).default([]) }).optional(),
});

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
  const parsed = MetaJson.safeParse(json);
  if (!parsed.success) return undefined;
  const { version, algorithm, features, erofs_formats: formats } = parsed.data;
  if (!algorithm.startsWith('fsverity-')) return undefined;
  const cautions: string[] = [];
  if (version > 1) cautions.push(`repository format ${version} is newer than any known here`);
  if (algorithm !== 'fsverity-sha256-12' && algorithm !== 'fsverity-sha512-12') {
    cautions.push(`unknown algorithm “${algorithm}”`);
  }
  for (const name of features.incompatible) {
    cautions.push(`unknown incompatible feature “${name}”: its own tools refuse this repository`);
  }
  for (const name of features['read-only-compatible']) {
    if (name !== 'v1_erofs') cautions.push(`unknown feature “${name}”: to be opened read-only`);
  }
  // An explicit {default: 2} with nothing extra counts as absent: composefs-rs does so.
  const explicit = formats !== undefined && !(formats.default === 2 && formats.extra.length === 0);
  const implied = features['read-only-compatible'].includes('v1_erofs') ? 1 : 2;
  return {
    algorithm: algorithm.includes('sha512') ? 'sha512' : 'sha256',
    imageFormat: explicit ? formats.default : implied,
    cautions,
  };
}
