import { expect, test } from 'vitest';
import { contentTypeOf } from './content-type.ts';

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ['image/png', latin1('\x89PNG\r\n\x1a\n\0\0\0\rIHDR')],
  ['image/jpeg', latin1('\xff\xd8\xff\xe0\0\x10JFIF')],
  ['image/gif', latin1('GIF89a\x01\0')],
  ['image/webp', latin1('RIFF\x24\0\0\0WEBPVP8 ')],
  ['application/pdf', latin1('%PDF-1.7\n')],
  ['application/x-elf', latin1('\x7fELF\x02\x01\x01')],
  ['application/gzip', latin1('\x1f\x8b\x08\0')],
  ['application/zip', latin1('PK\x03\x04\x14\0')],
  ['application/x-tar', latin1('name'.padEnd(257, '\0') + 'ustar\x0000')],
  ['text/plain', utf8('<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>')],
  ['text/plain', utf8('#!/bin/sh\necho "für €"\n')],
  ['text/plain', utf8('\x1b[31mred\x1b[0m\ttab\r\n')],
  ['application/octet-stream', latin1('Latin-1: f\xfcr')],
  ['application/octet-stream', latin1('a\0b')],
  ['application/octet-stream', latin1('RIFF\x24\0\0\0WAVEfmt ')],
  ['application/x-empty', latin1('')],
])('tells %s from its first bytes', (type, head) => {
  expect(contentTypeOf(head, true)).toBe(type);
});

test('text that is cut within a letter is text, unless that is all there is', () => {
  const cut = utf8('preis: 5 €').slice(0, -1);
  expect(contentTypeOf(cut, false)).toBe('text/plain');
  expect(contentTypeOf(cut, true)).toBe('application/octet-stream');
});
