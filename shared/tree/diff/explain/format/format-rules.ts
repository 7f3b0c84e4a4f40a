import type { FormatRule } from './format-rule.ts';
import { before10 } from './rules/before-1-0.ts';
import { linkOrder } from './rules/link-order.ts';
import { manyShared } from './rules/many-shared.ts';
import { negativeTimes } from './rules/negative-times.ts';
import { oldLayout } from './rules/old-layout.ts';

/** All rules for equal trees whose files differ. Each is asked; several can be true at once. */
export const formatRules: readonly FormatRule[] = [before10, linkOrder, negativeTimes, manyShared, oldLayout];
