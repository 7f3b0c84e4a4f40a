/** The middle value; of an even number, the mean of the two in the middle. @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('there is no median of nothing');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/**
 * How ours is to stand to a number: at most so many times the peer (`ratio`), at most so much more than the peer
 * (`more`), at most so much, at least so much.
 *
 * @typedef {object} Target
 * @property {'ratio' | 'more' | 'most' | 'least'} kind
 * @property {number} value
 */

/**
 * One line of the table: samples of ours and of the peer, taken in turns.
 *
 * @typedef {object} Row
 * @property {string} what
 * @property {number | undefined} entries size of the image; undefined where there is none to it
 * @property {'ms' | 'MB' | 'B' | '%'} unit
 * @property {readonly number[]} ours
 * @property {readonly number[]} [peer]
 * @property {Target} [target]
 * @property {boolean} [busy] the machine had other things to do meanwhile
 */

/** The size that the targets are for. What does not depend on a size has its target always. */
export const TARGET_ENTRIES = 1_000_000;

/** Whether a row reached its target; undefined where it has none at this size. @param {Row} row */
export function isReached({ entries, ours, peer, target }) {
  if (target === undefined || (entries !== undefined && entries < TARGET_ENTRIES)) return undefined;
  const value = median(ours);
  const other = peer === undefined ? Number.NaN : median(peer);
  switch (target.kind) {
    case 'ratio':
      return value <= other * target.value;
    case 'more':
      return value - other <= target.value;
    case 'most':
      return value <= target.value;
    default:
      return value >= target.value;
  }
}
