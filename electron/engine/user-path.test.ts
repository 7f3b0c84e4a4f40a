import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseUserPath } from './user-path.ts';

test.each([
  ['/a/b', '/a/b'],
  ['/a/../b/', '/b'],
  ['/a b\n', '/a b'],
  ['/ends with space ', '/ends with space '],
  ['~', homedir()],
  ['~/images/a.cfs', join(homedir(), 'images/a.cfs')],
  ['file:///a/b%20c.cfs', '/a/b c.cfs'],
])('understands %j', (given, path) => {
  expect(parseUserPath(given)).toBe(path);
});

test.each(['', ' ', 'a.cfs', './a', '~other/a', 'file://elsewhere/a', 'file:///a%2fb', 'https://example.org/a'])(
  'refuses %j',
  (given) => {
    expect(() => parseUserPath(given)).toThrow(expect.objectContaining({ code: 'invalid-path' }));
  },
);
