import type { WireError } from '../../shared/contract/values.ts';

/** An error in one sentence: what, and where in the tree and in the bytes; nothing that the message says by itself. */
export function errorText({ code, message, file, path, offset }: WireError): string {
  const where = [file, path, offset === undefined ? undefined : `offset ${offset}`].filter(
    (part) => part !== undefined && part !== '' && !says(message, part),
  );
  return `${message}${where.length > 0 ? ` (${where.join(', ')})` : ''}${says(message, code) ? '' : ` [${code}]`}`;
}

/** Whether a text has these words as a whole: `/a` is not said by `/a/b`, nor by `/b/a`. */
function says(text: string, words: string): boolean {
  if (words === '') return true;
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + words.length])) return true;
  }
  return false;
}

const isPart = (letter: string | undefined): boolean => letter !== undefined && /[\p{L}\p{N}/_-]/u.test(letter);
