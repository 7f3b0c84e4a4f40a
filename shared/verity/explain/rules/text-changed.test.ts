import { expect, test } from 'vitest';
import { ask } from '../testing/wounded.ts';
import { textChanged } from './text-changed.ts';

const text = 'first line\nsecond line\n\nlast line\n'.repeat(300);
const bytes = (string: string): Uint8Array => new Uint8Array(Buffer.from(string, 'latin1'));

test.each([
  ['its line endings were changed from LF to CRLF', text, text.replaceAll('\n', '\r\n')],
  ['its line endings were changed from CRLF to LF', text.replaceAll('\n', '\r\n'), text],
  ['a newline was added at its end', text, `${text}\n`],
  ['a CRLF was added at its end', text.trimEnd(), `${text.trimEnd()}\r\n`],
  ['newlines were added at its end', text.trimEnd(), `${text}\n\n`],
  ['the newline at its end was taken away', text, text.trimEnd()],
  ['a UTF-8 byte order mark was put in front', text, `\xef\xbb\xbf${text}`],
  ['its UTF-8 byte order mark was taken away', `\xef\xbb\xbf${text}`, text],
])('%s', async (change, right, found) => {
  expect(await ask(textChanged, { right: bytes(right), found: bytes(found) })).toEqual({
    says: 'certain',
    sentence: `It is the right text, but ${change}.`,
  });
});

test('a word that was added is none of these', async () => {
  expect(await ask(textChanged, { right: bytes(text), found: bytes(`${text}word`) })).toMatchObject({
    says: 'ruled out',
  });
});
