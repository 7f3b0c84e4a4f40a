import type { FormatRule } from './format-rule.ts';
import { linkOrder } from './rules/link-order.ts';
import { negativeTimes } from './rules/negative-times.ts';

/** All rules for equal trees whose files differ. Each is asked; several can be true at once. */
export const formatRules: readonly FormatRule[] = [linkOrder, negativeTimes];
