import type { Rule } from './evidence.ts';
import { blocksDiffer } from './rules/blocks-differ.ts';
import { compressed } from './rules/compressed.ts';
import { emptyConvention } from './rules/empty-convention.ts';
import { extended } from './rules/extended.ts';
import { imageNewer } from './rules/image-newer.ts';
import { noPermission } from './rules/no-permission.ts';
import { notAFile } from './rules/not-a-file.ts';
import { otherLayout } from './rules/other-layout.ts';
import { otherParameters } from './rules/other-parameters.ts';
import { otherStore } from './rules/other-store.ts';
import { plainHash } from './rules/plain-hash.ts';
import { sealedDamage } from './rules/sealed-damage.ts';
import { sealedOtherwise } from './rules/sealed-otherwise.ts';
import { sizeOnly } from './rules/size-only.ts';
import { swapped } from './rules/swapped.ts';
import { textChanged } from './rules/text-changed.ts';
import { truncated } from './rules/truncated.ts';
import { zeroFilled } from './rules/zero-filled.ts';

/** All rules, those that cost little first: a look, one pass over the bytes, a comparison, another pass. */
export const allRules: readonly Rule[] = [
  notAFile,
  noPermission,
  otherLayout,
  sealedDamage,
  sealedOtherwise,
  swapped,
  sizeOnly,
  plainHash,
  emptyConvention,
  extended,
  truncated,
  zeroFilled,
  blocksDiffer,
  textChanged,
  compressed,
  otherParameters,
  otherStore,
  imageNewer,
];

/** Rules that say what became of the content: once one of them is certain, the others have nothing to find. */
export const contentRules: ReadonlySet<Rule> = new Set([
  sealedOtherwise,
  swapped,
  sizeOnly,
  plainHash,
  emptyConvention,
  extended,
  truncated,
  zeroFilled,
  blocksDiffer,
  textChanged,
  compressed,
  otherParameters,
]);
