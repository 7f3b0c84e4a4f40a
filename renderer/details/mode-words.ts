/** The special bits and an odd permission of a mode in words: `set-uid`, `sticky`, `writable by all`. */
export function modeWords(mode: number): readonly string[] {
  const isLink = (mode & 0o170000) === 0o120000;
  const words: string[] = [];
  if ((mode & 0o4000) !== 0) words.push('set-uid');
  if ((mode & 0o2000) !== 0) words.push('set-gid');
  if ((mode & 0o1000) !== 0) words.push('sticky');
  if (!isLink && (mode & 0o002) !== 0 && (mode & 0o1000) === 0) words.push('writable by all');
  return words;
}
