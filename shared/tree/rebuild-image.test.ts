import { expect, test } from 'vitest';
import { openDump } from '../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../composefs/open-image.ts';
import { writeImage } from '../composefs/writer/write-image.ts';
import { lookup } from './path.ts';
import { finish } from '../steps.ts';
import { rebuildImage } from './rebuild-image.ts';
import { displayBytes } from './text.ts';

const imageOf = (lines: readonly string[]): Uint8Array =>
  writeImage(openDump(Buffer.from(`${lines.join('\n')}\n`)), { minVersion: 0, maxVersion: 1 });

const tree = [
  '/ 0 40755 2 0 0 0 0.0 - - -',
  '/alone 0 40755 2 0 0 0 0.0 - - - user.overlay.opaque=y trusted.overlay.opaque=y',
  '/d 0 40755 2 0 0 0 0.0 - - - user.note=n',
  '/d/gone 0 20000 1 0 0 0 0.0 - - -',
  '/d/keep 2 100644 1 0 0 0 0.0 - hi -',
];

test('an image that is made of an image is the same one: what it has for itself is not written twice', () => {
  const bytes = imageOf(tree);
  const again = writeImage(finish(rebuildImage(openImage(bytes), {})), { minVersion: 0, maxVersion: 1 });
  expect(Buffer.compare(again, bytes)).toBe(0);
});

test('marks of whiteouts go with the whiteouts; those of the tree itself stay', () => {
  const rebuilt = finish(rebuildImage(openImage(imageOf(tree)), { skipDevices: true }));
  const again = writeImage(rebuilt, { minVersion: 0, maxVersion: 1 });
  expect(Buffer.compare(again, imageOf(tree.filter((line) => !line.startsWith('/d/gone'))))).toBe(0);
  const namesAt = (path: string): readonly string[] =>
    rebuilt.xattrs(lookup(rebuilt.table, Buffer.from(path)) ?? 0).map(({ name }) => displayBytes(name));
  expect(namesAt('/d')).toEqual(['user.note']);
  expect(namesAt('/alone').toSorted()).toEqual(['trusted.overlay.opaque', 'user.overlay.opaque']);
});
