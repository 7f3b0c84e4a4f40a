import { readFileSync } from 'node:fs';
import type { CompareCause } from '../../../../contract/compare-values.ts';
import { openDump } from '../../../../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../../composefs/open-image.ts';
import type { FormatVersion } from '../../../../composefs/writer/format-rules.ts';
import { writeImage, type WriteOptions } from '../../../../composefs/writer/write-image.ts';
import { compareTrees } from '../../compare-trees.ts';
import { explainDiff, type ExplainOptions } from '../explain-diff.ts';
import { finish } from '../../../../steps.ts';

/** The image file of a dump's lines. */
export const writtenAs = (
  lines: readonly string[],
  version: FormatVersion,
  options: Pick<WriteOptions, 'writer' | 'hardLinks'> = {},
): Uint8Array => {
  const text = lines.map((line) => `${line}\n`).join('');
  return writeImage(openDump(Buffer.from(text, 'latin1')), { minVersion: version, maxVersion: version, ...options });
};

/** An image that an old release made (`old-images/make.sh`). */
export const oldImage = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`old-images/${name}.cfs`, import.meta.url)));

/** Why two image files differ. */
export const causesOfFiles = (a: Uint8Array, b: Uint8Array, options?: ExplainOptions): readonly CompareCause[] =>
  finish(explainDiff(compareTrees(openImage(a), openImage(b)), options)).causes;

/** The ids of the causes, which are the same the other way round; else both lists. */
export function idsOfFiles(a: Uint8Array, b: Uint8Array): readonly string[] {
  const [there, back] = [causesOfFiles(a, b), causesOfFiles(b, a)].map((causes) => causes.map(({ id }) => id));
  if (there?.join() !== back?.join()) return ['there:', ...(there ?? []), 'and back:', ...(back ?? [])];
  return there ?? [];
}
