import { expect, test } from 'vitest';
import { pathsFromArgv } from './argv.ts';

const cases: readonly (readonly [string, readonly string[], boolean, readonly string[]])[] = [
  ['nothing but the app folder', ['electron', '/app'], true, []],
  ['a relative path', ['electron', '/app', 'a.cfs'], true, ['/home/a.cfs']],
  ['flags among paths', ['electron', '--no-sandbox', '/app', '--inspect=0', 'a', '/b'], true, ['/home/a', '/b']],
  [
    'everything behind two dashes',
    ['electron', '/app', '--', '-a', '--', 'b'],
    true,
    ['/home/-a', '/home/--', '/home/b'],
  ],
  ['packaged: no app folder', ['composcope', 'a', '../b'], false, ['/home/a', '/b']],
  ['packaged: two dashes', ['composcope', '--force', '--', 'a'], false, ['/home/a']],
  ['empty arguments', ['composcope', '', '--', '', 'a'], false, ['/home/a']],
];

test.each(cases)('reads paths from argv: %s', (_name, argv, hasAppFolder, expected) => {
  expect(pathsFromArgv(argv, hasAppFolder, '/home')).toEqual(expected);
});
