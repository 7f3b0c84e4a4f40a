import { expect, test } from 'vitest';
import { CommitError, composefsDigestOf } from './ostree-commit.ts';

/**
 * Commits that ostree 2022.7 wrote: `ostree commit --timestamp=2026-01-01T00:00:00Z
 * --add-metadata="ostree.composefs.digest.v0=[byte 0x00, … byte 0x1f]" --add-metadata-string=version=1`, and one without.
 */
const withDigest = Buffer.from(
  'dmVyc2lvbgAxAABzCAAAAG9zdHJlZS5jb21wb3NlZnMuZGlnZXN0LnYwAAAAAAAAAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AYXkbAAAAAG9zdHJlZS5yZWYtYmluZGluZwAAAAAAAHgAAgBhcxMNVHcAAAAAAAAAAAAAaVW5AKpxSaDrSh25iqoorlWhtniHTYVEKtWX0i+TIzEXvQupRGoO8Rt8wWfztgPlhcfu7rZ1+qQS1exz9imI6wtsVIiofHt6eno=',
  'base64',
);
const without = Buffer.from(
  'b3N0cmVlLnJlZi1iaW5kaW5nAAAAAAAAeQACAGFzEx8AAAAAAAAAAAAAAABpVbkAqnFJoOtKHbmKqiiuVaG2eIdNhUQq1ZfSL5MjMRe9C6lEag7xG3zBZ/O2A+WFx+7utnX6pBLV7HP2KYjrC2xUiFAiISAgIA==',
  'base64',
);

test('the digest that a commit says its image has', () => {
  expect([...(composefsDigestOf(withDigest) ?? [])]).toEqual(Array.from({ length: 32 }, (_, byte) => byte));
});

test('a commit that says none', () => {
  expect(composefsDigestOf(without)).toBeUndefined();
});

test('a commit cut off anywhere, or with any byte changed, gives an answer or an error of its own', () => {
  for (let length = 0; length < withDigest.length; length += 1) {
    try {
      composefsDigestOf(withDigest.subarray(0, length));
    } catch (error) {
      expect(error).toBeInstanceOf(CommitError);
    }
  }
  for (let at = 0; at < withDigest.length; at += 1) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const bytes = Uint8Array.from(withDigest);
      bytes[at] = value;
      try {
        composefsDigestOf(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(CommitError);
      }
    }
  }
});
