import { expect, test } from 'vitest';
import { dir, file, type Node, type NodeAttributes } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, withXattrs } from '../testing/pairs.ts';

/** With what a kernel package, and ostree, leave there. */
const full = nodeAt(release, '/', ({ children = [], ...node }) =>
  dir([...children, ['sysroot', dir({ ostree: dir({ repo: file({ content: 'x' }) }) }, { mtime: 90, nsec: 5 })]], node),
);

const at = (root: Node, path: string, attributes: NodeAttributes): Node =>
  nodeAt(root, path, (node) => ({ ...node, ...attributes }));
const emptied = (root: Node, path: string, attributes: NodeAttributes): Node =>
  nodeAt(root, path, (node) => ({ ...node, children: [], ...attributes }));

/** Both emptied, as `--bootable` does; /usr has 180.000000009. */
const both = (attributes: NodeAttributes): Node => emptied(emptied(full, '/boot', attributes), '/sysroot', attributes);

test('/boot and /sysroot empty, with the seconds of /usr and their old nanoseconds (up to 0.9.0)', () => {
  const b = emptied(emptied(full, '/boot', { mtime: 180 }), '/sysroot', { mtime: 180 });
  expect(causesOf(full, b)).toEqual(['D07 5']);
  expect(explainTrees(full, b).causes).toMatchObject([
    {
      confidence: 'strong',
      sentence: '/boot and /sysroot are empty in B alone, with the time of /usr: 5 names.',
      attributes: ['mtime', 'removed'],
    },
  ]);
});

test('with the whole time of /usr (after 0.9.0)', () => {
  expect(causesOf(full, both({ mtime: 180, nsec: 9 }))).toEqual(['D07 5']);
});

test('with the time 0 (before 0.5.0)', () => {
  const b = both({ mtime: 0, nsec: 0 });
  expect(causesOf(full, b)).toEqual(['D07 5']);
  expect(explainTrees(full, b).causes[0]?.sentence).toContain('with the time 0: 5 names');
});

test('one alone, where the other was not there, or was left (before August 2025)', () => {
  expect(causesOf(release, emptied(release, '/boot', { mtime: 180 }))).toEqual(['D07 2']);
  expect(causesOf(full, emptied(full, '/boot', { mtime: 180 }))).toEqual(['D07 2']);
});

test('one was empty before: its time goes along', () => {
  const a = emptied(full, '/sysroot', {});
  const b = both({ mtime: 180, nsec: 9 });
  expect(causesOf(a, b)).toEqual(['D07 3']);
  expect(explainTrees(a, b).causes[0]?.sentence).toBe(
    '/boot is empty in B alone, /sysroot is empty on both sides, with the time of /usr: 3 names.',
  );
});

test('both were empty before: only their times show it', () => {
  const a = both({ mtime: 90, nsec: 5 });
  const named = (attributes: NodeAttributes) => explainTrees(a, both(attributes)).causes;
  expect(named({ mtime: 180, nsec: 9 })).toMatchObject([{ id: 'D07', count: 2, confidence: 'strong' }]);
  expect(named({ mtime: 180, nsec: 5 })).toMatchObject([{ id: 'D07', count: 2, confidence: 'likely' }]);
  expect(named({ mtime: 0, nsec: 0 })).toMatchObject([{ id: 'D07', count: 2, confidence: 'likely' }]);
  expect(named({ mtime: 0, nsec: 0 })[0]?.sentence).toBe(
    '/boot and /sysroot are empty on both sides, with the time 0 in B alone: 2 names.',
  );
  expect(causesOf(a, both({ mtime: 180, nsec: 9 }))).toEqual(['D07 2']);
});

test('both sides transformed, by a version that copies nanoseconds, and by one that does not', () => {
  const a = both({ mtime: 180, nsec: 5 });
  const b = both({ mtime: 180, nsec: 9 });
  expect(causesOf(a, b)).toEqual(['D07 2']);
  const [cause] = explainTrees(a, b).causes;
  expect(cause).toMatchObject({ confidence: 'strong', attributes: ['mtime'] });
  expect(cause?.sentence).toBe(
    'Both sides are empty there; B has the whole time of /usr, A its seconds and nanoseconds of before.',
  );
  expect(causesOf(a, emptied(a, '/boot', { mtime: 180, nsec: 9 }))).toEqual(['D07 1']);
});

test('without labels, where the system has no policy, they are a cause of their own', () => {
  const a = withXattrs(full, (name) => name === 'security.selinux');
  const b = withXattrs(both({ mtime: 180, nsec: 9 }), () => false);
  expect(causesOf(a, b)).toEqual([expect.stringMatching(/^D04 1\d$/), 'D07 5']);
});

test('not where only the kernel is gone, or the time is another one', () => {
  expect(
    causesOf(
      full,
      nodeAt(full, '/boot/vmlinuz', () => undefined),
    ),
  ).toEqual(['unexplained 1']);
  expect(causesOf(full, emptied(full, '/boot', { mtime: 181, nsec: 9 }))).toEqual(['unexplained 2']);
  expect(causesOf(full, emptied(full, '/boot', { mtime: 0, nsec: 9 }))).toEqual(['unexplained 2']);
});

test('not what is no directory, nor where there is no /usr', () => {
  const b = nodeAt(full, '/boot', () => file({ mtime: 180, nsec: 9 }));
  expect(causesOf(full, b)).toEqual(['unexplained 2']);
  const [a, c] = [full, both({ mtime: 180, nsec: 9 })].map((tree) => nodeAt(tree, '/usr', () => undefined));
  if (a === undefined || c === undefined) throw new Error('no trees');
  expect(causesOf(a, c)).toEqual(['unexplained 5']);
});

test('not where more than the time of an empty one differs', () => {
  const a = both({ mtime: 90, nsec: 5 });
  expect(causesOf(a, both({ mtime: 180, nsec: 9, uid: 7 }))).not.toContain('D07 2');
});

test('not where nanoseconds were dropped everywhere', () => {
  const a = both({ mtime: 180, nsec: 9 });
  const b = everyNode(a, (node) => ({ ...node, nsec: 0 }));
  expect(causesOf(a, b)).toEqual(['D05 10']);
  const early = both({ mtime: 180, nsec: 5 });
  expect(
    causesOf(
      early,
      everyNode(early, (node) => ({ ...node, nsec: 0 })),
    ),
  ).toEqual(['D05 10']);
});

test('not where /usr has another time, too, or all times are one', () => {
  const a = both({ mtime: 90, nsec: 5 });
  expect(causesOf(a, at(both({ mtime: 999, nsec: 1 }), '/usr', { mtime: 999, nsec: 1 }))).toEqual(['D03 3']);
  expect(
    causesOf(
      a,
      everyNode(a, (node) => ({ ...node, mtime: 0, nsec: 0 })),
    ),
  ).toEqual(['D35 21']);
});

test('not a kernel that was moved out of /boot: it is somewhere else still', () => {
  const kernel = full.children?.find(([name]) => name === 'boot')?.[1].children?.[0]?.[1] ?? file();
  const moved = nodeAt(both({ mtime: 180, nsec: 9 }), '/usr/lib', ({ children = [], ...node }) =>
    dir([...children, ['vmlinuz', kernel]], node),
  );
  expect(causesOf(full, moved)).toEqual(['D07 3', 'unexplained 2']);
});
