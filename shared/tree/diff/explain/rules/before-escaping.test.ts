import { expect, test } from 'vitest';
import { causesOfFiles, idsOfFiles, oldImage, writtenAs } from '../testing/written.ts';

const digest = 'ee5c6c394f62599b2319d546c14a0bf89774b4633bee8b49f26be53b52d0ff3c';
const lines = [
  '/ 0 40755 3 0 0 0 0.0 - - -',
  `/big 5000 100644 1 0 0 0 0.0 ee/${digest.slice(2)} - ${digest} user.x=1`,
  '/d 0 40755 2 0 0 0 0.0 - - - trusted.overlay.opaque=y',
  '/d/gone 0 20644 1 0 0 0 0.0 - - -',
];

test('an opaque directory as mkcomposefs 0.1.3 wrote it, and nothing else beside it', () => {
  const [old, now] = [oldImage('c-0.1.3'), writtenAs(lines, 0)];
  expect(idsOfFiles(old, now)).toEqual(['D32']);
  expect(causesOfFiles(old, now)).toMatchObject([
    { title: 'Overlay attributes were not escaped', count: 1, examples: [{ path: '/d' }] },
  ]);
});

test('not where the attribute is nowhere in the other image', () => {
  const without = lines.map((line) => line.replace(' trusted.overlay.opaque=y', ''));
  expect(idsOfFiles(writtenAs(lines, 0), writtenAs(without, 0))).toEqual(['D34']);
});

test('not the root, which every image says to be opaque', () => {
  const opaque = lines.map((line) => (line.startsWith('/ ') ? `${line} trusted.overlay.opaque=y` : line));
  expect(idsOfFiles(writtenAs(opaque, 0), writtenAs(lines, 0))).toEqual(['unexplained']);
});

test('not names in user., which stand in the image as they are, and are no marks of the tree there', () => {
  const marked = ['/ 0 40755 2 0 0 0 0.0 - - -', '/f 0 100644 1 0 0 0 0.0 - - - user.overlay.whiteouts=1'];
  expect(causesOfFiles(writtenAs(marked, 1), writtenAs(marked, 2)).map(({ id }) => id)).not.toContain('D32');
});
