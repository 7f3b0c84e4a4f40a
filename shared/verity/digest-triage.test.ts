import { expect, test } from 'vitest';
import { findingOf, ociPrefix, type DigestMatch } from './digest-triage.ts';

test.each([
  ['sha256:ab', 'sha256'],
  ['  SHA512:ab', 'sha512'],
  ['composefs=sha256:ab', undefined],
  ['v1-sha256-12:ab', undefined],
  ['ab', undefined],
])('what stands in front of %s', (text, prefix) => {
  expect(ociPrefix(text)).toBe(prefix);
});

const writing = { kind: 'other-writing', formatVersion: 1, xattrs: undefined, ownVersion: 0 } as const;
test.each<[DigestMatch, RegExp]>([
  [writing, /same tree written in format 1; this file has format 0\.$/],
  [{ ...writing, xattrs: 'none', ownVersion: 1 }, /written in format 1, with these xattrs kept: none\.$/],
  [{ ...writing, ownVersion: 1 }, /as Composcope writes it in format 1: this file is laid out in another way\.$/],
  [{ kind: 'object', path: '/a', more: 0 }, /the content of a file, and not/],
  [{ kind: 'object', path: '/a', more: 1999 }, /the content of 2,000 files, and not/],
  [
    { kind: 'unknown', prefix: undefined, untried: 'it has 5 entries' },
    /was not written in other formats, as it has 5/,
  ],
])('%o', (match, sentence) => {
  expect(findingOf(match).sentence).toMatch(sentence);
});

test('with a hash in front that nothing else explains, it may be a container image’s: a guess, and said to be one', () => {
  expect(findingOf({ kind: 'unknown', prefix: 'sha256', untried: undefined })).toMatchObject({
    kind: 'oci',
    certainty: 'possible',
  });
});

test('no sentence has a path or a name in it: a report is shown to others', () => {
  const secret = '/home/alice/key';
  for (const match of [
    { kind: 'object', path: secret, more: 3 },
    { kind: 'other-image', name: secret },
    { kind: 'ostree-commit', where: secret },
  ] as const) {
    const { sentence, advice, where } = findingOf(match);
    expect(`${sentence} ${advice}`).not.toContain('alice');
    expect(where).toBe(secret);
  }
});
