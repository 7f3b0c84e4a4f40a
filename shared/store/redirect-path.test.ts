import { describe, expect, it } from 'vitest';
import { isRedirectFault, parseRedirect } from './redirect-path.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (value: Uint8Array): string => new TextDecoder('latin1').decode(value);

describe('a redirect', () => {
  it.each([
    ['ab/cdef', 'ab/cdef', ['ab', 'cdef'], 2],
    ['object', 'object', ['object'], 0],
    ['a/b/c', 'a/b/c', ['a', 'b', 'c'], 3],
    ['./a/./b', 'a/b', ['a', 'b'], 1],
    ['a/../b/c', 'b/c', ['b', 'c'], 1],
    ['.../..a', '.../..a', ['...', '..a'], 3],
  ])('%s is looked up as the names that the kernel walks', (redirect, joined, names, folderLength) => {
    const path = parseRedirect(bytes(redirect));
    if (isRedirectFault(path)) throw new Error(path.reason);
    expect(text(path.bytes)).toBe(joined);
    expect(path.names.map(text)).toEqual(names);
    expect(path.folderLength).toBe(folderLength);
  });

  it.each([
    ['', 'EINVAL'],
    ['/a', 'EINVAL'],
    ['a//b', 'EINVAL'],
    ['a/', 'EINVAL'],
    ['a/..', 'EINVAL'],
    ['.', 'EINVAL'],
    ['..', 'EXDEV'],
    ['../outside', 'EXDEV'],
    ['a/../../outside', 'EXDEV'],
    ['a\0b', 'EINVAL'],
    ['x'.repeat(256), 'ENAMETOOLONG'],
    ['a/'.repeat(2048), 'ENAMETOOLONG'],
  ])('%j is refused with %s', (redirect, errno) => {
    expect(parseRedirect(bytes(redirect))).toMatchObject({ errno });
  });

  it('keeps bytes that are not UTF-8', () => {
    const redirect = Uint8Array.of(0xff, 0x2f, 0xfe);
    expect(parseRedirect(redirect)).toMatchObject({ names: [Uint8Array.of(0xff), Uint8Array.of(0xfe)] });
  });
});
