/** Numbers with thin groups: `1,244`. */
const grouped = new Intl.NumberFormat('en-US');
export const formatCount = (count: number): string => grouped.format(count);

/** The middle of a digest left out: `8957…da61`; whole where that is no shorter. */
export function shortenMiddle(text: string, head = 6, tail = 4): string {
  return text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;
}
