import { expect, test } from 'vitest';
import { dir, file, type Node } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, release } from '../testing/pairs.ts';

const implicit: ReadonlySet<string> = new Set(['/usr/bin', '/usr/lib', '/etc']);

test('parents made under umask 077, at the time of unpacking', () => {
  const b = everyNode(release, (node, path) => (implicit.has(path) ? { ...node, mode: 0o700, mtime: 9999 } : node));
  expect(causesOf(release, b)).toEqual(['D03 3', 'D19 3']);
  expect(explainTrees(release, b).causes[1]?.confidence).toBe('strong');
});

test('without other times it is only possible', () => {
  const b = everyNode(release, (node, path) => (implicit.has(path) ? { ...node, mode: 0o700 } : node));
  expect(explainTrees(release, b).causes).toMatchObject([{ id: 'D19', confidence: 'possible' }]);
});

/** Ten directories with a file each. */
const folders = dir(
  Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`d${n}`, dir({ f: file({ mtime: 5 }) }, { mtime: 7 })])),
);
const changed = (number: number, change: (node: Node, at: number) => Node): Node =>
  everyNode(folders, (node, path) => {
    const at = Number(path.slice(2));
    return /^\/d\d$/.test(path) && at < number ? change(node, at) : node;
  });

test('the sentence tells what they have, and on which side', () => {
  const b = changed(10, (node) => ({ ...node, mode: 0o700, mtime: 99 }));
  expect(causesOf(folders, b)).toEqual(['D03 10', 'D19 10']);
  expect(explainTrees(folders, b).causes[1]?.sentence).toBe(
    '10 directories have other permissions; 10 of them have 0755 in A, and their times differ too.',
  );
  const mixed = changed(10, (node, at) => ({ ...node, mode: at < 9 ? 0o700 : 0o750, uid: at > 0 ? 7 : 0 }));
  const [cause] = explainTrees(folders, mixed).causes;
  expect(cause?.sentence).toMatch(
    /^10 directories have other permissions and owners; 10 of them have 0755 in A; 9 of them have the owner 0:0 in A\.$/,
  );
  expect(cause?.attributes).toEqual(['mode', 'uid']);
});

test('owners alone, as whoever unpacks gives them', () => {
  const b = changed(4, (node) => ({ ...node, uid: 1000, gid: 1000 }));
  expect(causesOf(folders, b)).toEqual(['D19 4']);
  expect(explainTrees(folders, b).causes[0]?.sentence).toBe(
    '4 directories have other owners; 4 of them have the owner 0:0 in A.',
  );
});

test('not one alone, nor where both sides have many values', () => {
  expect(
    causesOf(
      folders,
      changed(1, (node) => ({ ...node, mode: 0o700 })),
    ),
  ).toEqual(['unexplained 1']);
  const [a, b] = [0o700, 0o500].map((mode) => changed(10, (node, at) => ({ ...node, mode: mode + at })));
  if (a === undefined || b === undefined) throw new Error('no trees');
  expect(causesOf(a, b)).toEqual(['unexplained 10']);
});

test('not where files differ as well', () => {
  const b = everyNode(
    changed(4, (node) => ({ ...node, mode: 0o700 })),
    (node, path) => (path.endsWith('/f') && path < '/d2' ? { ...node, mode: 0o600 } : node),
  );
  expect(causesOf(folders, b)).toEqual(['unexplained 6']);
  const one = everyNode(
    changed(10, (node) => ({ ...node, mode: 0o700 })),
    (node, path) => (path === '/d0/f' ? { ...node, mode: 0o600 } : node),
  );
  expect(causesOf(folders, one)).toEqual(['D19 10', 'unexplained 1']);
});

test('a directory that became a file is none of them', () => {
  const b = everyNode(
    changed(4, (node) => ({ ...node, mode: 0o700 })),
    (node, path) => (path === '/d9' ? file({ mode: 0o600, mtime: 7 }) : node),
  );
  expect(causesOf(folders, b)).toEqual(['D19 4', 'unexplained 2']);
});
