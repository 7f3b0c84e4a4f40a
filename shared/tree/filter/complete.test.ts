import { describe, expect, it } from 'vitest';
import { dir, file, imageOf } from '../../testing/table-of.ts';
import { completeFilter } from './complete.ts';
import { parseFilter } from './parse.ts';

const image = imageOf(
  dir({
    a: file({ xattrs: { 'security.selinux': 'x', 'user.a b:c': 'y' } }),
    b: file({ xattrs: { 'user.note': '' } }),
  }),
);
const context = { image, statusOf: () => undefined };

/** The cursor is where the `^` is. */
const complete = (marked: string): string[] => {
  const cursor = marked.indexOf('^');
  const text = marked.replace('^', '');
  return completeFilter(text, cursor, context).map(
    (completion) => text.slice(0, completion.from) + completion.text + text.slice(completion.to),
  );
};

describe('completion of layers', () => {
  const stack = {
    ...image,
    layerOf: () => 1,
    layerLabels: [
      { number: 1, name: 'ADD rootfs' },
      { number: 12, name: 'RUN apt' },
    ],
  };

  it('offers their numbers with their names, of stacks alone', () => {
    const of = { image: stack, statusOf: () => undefined };
    expect(completeFilter('lay', 3, of)).toMatchObject([{ text: 'layer:' }]);
    expect(completeFilter('layer:1', 7, of)).toMatchObject([{ text: '12', hint: 'RUN apt' }]);
    expect(completeFilter('lay', 3, context)).toEqual([]);
  });
});

describe('completion', () => {
  it('offers every field where a term begins', () => {
    expect(complete('^')).toHaveLength(16);
    expect(complete('name:x ^')).toContain('name:x mtime:');
  });

  it.each<[string, string[]]>([
    ['na^', ['name:']],
    ['-TY^', ['-type:']],
    ['x m^ y', ['x mode: y', 'x mtime: y']],
    ['si^ze:>1M', ['size:>1M']],
    ['type:s^', ['type:symlink', 'type:socket']],
    ['type:file|d^', ['type:file|dir', 'type:file|device']],
    ['type:d^|file', ['type:dir|file', 'type:device|file']],
    ['type:de^vices', ['type:device']],
    ['verity:M^ name:x', ['verity:missing name:x']],
    ['mode:s^', ['mode:setuid', 'mode:setgid', 'mode:sticky']],
    ['xattr:no^', ['xattr:user.note']],
    ['xattr:^', ['xattr:security.selinux', 'xattr:user.a\\ b\\:c', 'xattr:user.note']],
    ['size:^', ['size:>1M', 'size:<4K', 'size:1K..64K']],
    ['"na^', []],
    ['name:x^', []],
    ['nothing^', []],
    ['type:file^', []],
  ])('%s', (marked, results) => {
    expect(complete(marked)).toEqual(results);
  });

  it('gives only what can be parsed', () => {
    for (const marked of ['type:^', 'verity:^', 'mode:^', 'xattr:^', 'size:^', 'mtime:^']) {
      for (const text of complete(marked)) expect(parseFilter(text).fault, text).toBeUndefined();
    }
  });

  it('does not fail, wherever the cursor is', () => {
    const text = '-name:"a b"|c OR !verity:bad x\\';
    for (let cursor = 0; cursor <= text.length + 3; cursor += 1) {
      for (const { from, to } of completeFilter(text, cursor, context)) {
        expect(from).toBeLessThanOrEqual(to);
      }
    }
  });
});
