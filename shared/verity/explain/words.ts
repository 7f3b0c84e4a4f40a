/** `1 byte`, `3 bytes`, with the digits in groups. */
export const count = (number: number, noun: string): string => `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;

/** Digits in groups of three. */
export const grouped = (number: number): string => String(number).replace(/\B(?=(\d{3})+$)/g, ',');

/** Numbers as a list for a sentence: the first `limit`, then how many more. */
export function listed(numbers: readonly number[], total: number, limit = 8): string {
  const first = numbers.slice(0, limit);
  const more = total - first.length;
  return `${first.join(', ')}${more > 0 ? ` and ${grouped(more)} more` : ''}`;
}

/** Bytes as hex digits in pairs, at most `limit` of them. */
export const hexPairs = (bytes: Uint8Array, limit = 16): string =>
  `${[...bytes.subarray(0, limit)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}${bytes.length > limit ? ' …' : ''}`;

/**
 * Text without what moves or hides other text: control characters, line separators, marks of direction.
 * @param by put in the place of each
 */
export const withoutControls = (text: string, by: string): string =>
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, by);
