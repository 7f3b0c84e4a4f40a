import { expect, test } from 'vitest';
import { errorText } from './error-text.ts';

const error = { code: 'truncated', message: 'The file ends.', file: undefined, path: undefined, offset: undefined };

test('says where it is, and its code', () => {
  expect(errorText(error)).toBe('The file ends. [truncated]');
  expect(errorText({ ...error, file: '/a.cfs', path: '/etc', offset: 12 })).toBe(
    'The file ends. (/a.cfs, /etc, offset 12) [truncated]',
  );
});

test('says nothing twice, and takes no part of a name for the whole of it', () => {
  const full = { ...error, code: 'ENOSPC', message: '/disk/objects: no space left on device (ENOSPC)' };
  expect(errorText({ ...full, file: '/disk/objects' })).toBe(full.message);
  expect(errorText({ ...full, file: '/disk' })).toBe(`${full.message} (/disk)`);
  expect(errorText({ ...full, file: 'objects' })).toBe(`${full.message} (objects)`);
  const node = {
    ...error,
    code: 'ENOENT',
    message: "ENOENT: no such file or directory, open '/x.cfs'",
    file: '/x.cfs',
  };
  expect(errorText(node)).toBe(node.message);
});
