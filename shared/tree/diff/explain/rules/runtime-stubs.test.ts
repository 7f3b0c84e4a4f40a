import { expect, test } from 'vitest';
import { char, dir, file } from '../../../../testing/table-of.ts';
import { causesOf, explainTrees, nodeAt, release, without } from '../testing/pairs.ts';

const stub = file({ content: '' });
const running = nodeAt(
  nodeAt(release, '/etc/hosts', (node) => ({ ...node, content: '127.0.0.1', mtime: 999 })),
  '/',
  (node) => ({ ...node, children: [['.dockerenv', stub], ...(node.children ?? [])] }),
);

test('what a runtime puts into a running container', () => {
  expect(causesOf(release, running)).toEqual(['D22 2']);
});

test('where another file differs too, only what runtimes make anew is named, and as possible', () => {
  const more = nodeAt(running, '/etc/motd', (node) => ({ ...node, content: 'changed' }));
  expect(causesOf(release, more)).toEqual(['D22 1', 'unexplained 2']);
  expect(explainTrees(release, more).causes[0]).toMatchObject({ id: 'D22', confidence: 'possible' });
});

test('not a file of the image that is called so elsewhere', () => {
  const b = nodeAt(release, '/etc/motd', (node) => ({ ...node, content: 'changed' }));
  expect(causesOf(release, b)).toEqual(['unexplained 1']);
});

test('what a runtime makes in /dev, and a directory for secrets', () => {
  const b = nodeAt(
    nodeAt(release, '/dev', (node) => dir([...(node.children ?? []), ['null', char(0x103)], ['pts', dir()]], node)),
    '/run',
    (node) => ({ ...node, mtime: 999, children: [...(node.children ?? []), ['secrets', dir({ key: file() })]] }),
  );
  expect(causesOf(release, b)).toEqual(['D22 5']);
  expect(explainTrees(release, b).causes).toMatchObject([{ confidence: 'strong' }]);
  expect(explainTrees(release, b).causes[0]?.sentence).toBe(
    '4 files that runtimes make, and the times of their directories.',
  );
});

test('another device is only possible', () => {
  const b = nodeAt(release, '/dev/sda', () => undefined);
  expect(explainTrees(release, b).causes).toMatchObject([{ id: 'D22', count: 1, confidence: 'possible' }]);
  expect(explainTrees(release, b).causes[0]?.sentence).toBe('1 file that runtimes make.');
});

test('not where they are gone with much else', () => {
  const gone = new Set(['boot', 'dev', 'usr', 'var']);
  const b = nodeAt(release, '/', ({ children = [], ...node }) =>
    dir(
      children.filter(([name]) => !gone.has(name)),
      node,
    ),
  );
  expect(causesOf(release, b)).toEqual(['unexplained 15']);
});

test('not among other changes, where it had content before', () => {
  const more = nodeAt(release, '/etc/motd', (node) => ({ ...node, content: 'changed' }));
  const b = nodeAt(more, '/etc/hosts', (node) => ({ ...node, content: '127.0.0.1' }));
  expect(causesOf(release, b)).toEqual(['unexplained 2']);
  const bare = nodeAt(release, '/etc/hosts', (node) => without(node, 'content'));
  expect(causesOf(bare, b)).toEqual(['D22 1', 'unexplained 1']);
});

test('not files of these names in other directories, nor another owner of theirs', () => {
  const a = nodeAt(release, '/usr/lib', (node) =>
    dir([...(node.children ?? []), ['hosts', file({ content: 'a' })]], node),
  );
  expect(
    causesOf(
      a,
      nodeAt(a, '/usr/lib/hosts', (node) => ({ ...node, content: 'b' })),
    ),
  ).toEqual(['unexplained 1']);
  expect(
    causesOf(
      release,
      nodeAt(release, '/etc/hosts', (node) => ({ ...node, uid: 9 })),
    ),
  ).toEqual(['unexplained 1']);
});
