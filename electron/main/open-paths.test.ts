import { expect, test } from 'vitest';
import { OpenPaths } from './open-paths.ts';

test('paths wait for the page at first, and are sent to it once it has asked', () => {
  const sent: (readonly string[])[] = [];
  const paths = new OpenPaths(['/a'], (more) => sent.push(more));
  paths.add(['/b']);
  expect(sent).toEqual([]);
  expect(paths.ask()).toEqual(['/a', '/b']);
  paths.add(['/c', '/d']);
  expect(sent).toEqual([['/c', '/d']]);
  expect(paths.ask()).toEqual(['/a', '/b']);
});
