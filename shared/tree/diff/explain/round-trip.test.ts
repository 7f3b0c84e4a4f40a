import { expect, test } from 'vitest';
import { causesOfFiles, idsOfFiles, writtenAs } from './testing/written.ts';

const root = '/ 0 40755 2 0 0 0 5.0 - - -';
const d = '/d 0 40755 2 0 0 0 6.0 - - -';
const hello = '/d/f 5 100644 1 0 0 0 7.0 - hello -';
const hex = 'ab'.repeat(31);
const gone = '/d/gone 0 20000 1 0 0 0 8.0 - - -';

// what the C tool prints was seen of composefs-info 1.0.8
test('whiteouts of format 2, which composefs-info does not print', () => {
  const [image, made] = [writtenAs([root, d, hello, gone], 2), writtenAs([root, d, hello], 0)];
  expect(idsOfFiles(image, made)).toEqual(['D33']);
  expect(causesOfFiles(made, image)).toMatchObject([
    {
      confidence: 'certain',
      count: 1,
      sentence: expect.stringMatching(/^A is what comes out, .* B is printed .* leaves 1 whiteout of format 2 out/),
      examples: [{ path: '/d/gone', what: 'only in B' }],
    },
  ]);
});

test('not where they are gone, and something else is other too', () => {
  const made = writtenAs([root, d, hello.replace('hello', 'HELLO')], 0);
  expect(causesOfFiles(writtenAs([root, d, hello, gone], 2), made).map(({ id }) => id)).not.toContain('D33');
});

test('SHA-512 digests, in whose place composefs-info has a dash', () => {
  const long = 'ab'.repeat(64);
  const file = (digest: string) => `/d/x 9000 100644 1 0 0 0 7.0 ab/${long.slice(2)} - ${digest}`;
  const [image, made] = [writtenAs([root, d, file(long)], 1), writtenAs([root, d, file('-')], 1)];
  expect(idsOfFiles(image, made)).toEqual(['D33']);
});

const fileAt = (payload: string): string => `/d/x 9000 100644 1 0 0 0 7.0 ${payload} - ab${hex}`;

test('a redirect of a multiple of 4 bytes, behind which composefs-info reads on', () => {
  const [image, made] = [writtenAs([root, d, fileAt('a/b')], 0), writtenAs([root, d, fileAt('a/b\\xff\\xff')], 0)];
  expect(idsOfFiles(image, made)).toEqual(['D33']);
  expect(causesOfFiles(image, made)[0]?.sentence).toContain('bytes that are none of it behind 1 redirect');
});

test('whiteouts of the root with two hex digits, which composefs-rs takes for none of the tree', () => {
  const [image, made] = [writtenAs([root, '/AB 0 20600 1 0 0 0 5.0 - - -', d], 2), writtenAs([root, d], 2)];
  expect(idsOfFiles(image, made)).toEqual(['D33']);
});

test('beside them, overlay.opaque of the tree and a file without a digest', () => {
  const opaque = `${d} user.overlay.opaque=y`;
  const file = (digest: string) => `/d/x 9000 100644 1 0 0 0 7.0 ab/${hex} - ${digest}`;
  const stub = '/AB 0 20600 1 0 0 0 5.0 - - -';
  const [image, made] = [writtenAs([root, stub, opaque, file('-')], 2), writtenAs([root, d, file(`ab${hex}`)], 2)];
  expect(idsOfFiles(image, made)).toEqual(['D33']);
  expect(causesOfFiles(image, made)[0]?.sentence).toMatch(
    /composefs-rs .* overlay\.opaque of 1 name out; names a digest/,
  );
  // these alone are no sign of it
  expect(idsOfFiles(writtenAs([root, d, file('-')], 1), writtenAs([root, d, file(`ab${hex}`)], 1))).toEqual(['D18']);
});

test('the marks of format 1, as the tree’s own in format 0', () => {
  const marked = `${d} trusted.overlay.opaque=x user.overlay.opaque=x`;
  const [image, made] = [writtenAs([root, d, hello, gone], 1), writtenAs([root, marked, hello, gone], 0)];
  expect(idsOfFiles(image, made)).toEqual(['D33']);
  expect(causesOfFiles(image, made)).toMatchObject([{ count: 0, sentence: expect.stringContaining('opaque=x') }]);
});

test('not where the image itself, written in the other format, is that: that is the format alone', () => {
  const lines = [root, d, hello, gone];
  expect(causesOfFiles(writtenAs(lines, 1), writtenAs(lines, 0)).map(({ id }) => id)).toEqual(['D13']);
});
