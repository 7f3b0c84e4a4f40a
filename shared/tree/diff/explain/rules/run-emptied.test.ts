import { expect, test } from 'vitest';
import { dir, file, type Node, type NodeAttributes } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

const run = (attributes: NodeAttributes, children = dir({})) =>
  nodeAt(release, '/run', (node) => ({ ...node, children: children.children ?? [], ...attributes }));
/** As of /usr. */
const time = { mtime: 180, nsec: 9 };

test('/run empty, with the time of /usr', () => {
  expect(causesOf(release, run(time))).toEqual(['D11 2']);
  expect(explainTrees(release, run(time)).causes).toMatchObject([
    { confidence: 'strong', sentence: '/run is empty in B alone, with the time of /usr: 2 names.' },
  ]);
});

test('/run was empty before, and had another time', () => {
  expect(causesOf(run({}), run(time))).toEqual(['D11 1']);
  const [cause] = explainTrees(run({}), run(time)).causes;
  expect(cause).toMatchObject({ confidence: 'strong', attributes: ['mtime'] });
  expect(cause?.sentence).toBe('/run is empty on both sides, with the time of /usr in B alone: 1 name.');
});

const whole = (tree: Node) => everyNode(tree, (node) => ({ ...node, nsec: 0 }));

test('whole seconds may be a chance: then it is likely', () => {
  expect(explainTrees(whole(run({})), whole(run(time))).causes).toMatchObject([{ id: 'D11', confidence: 'likely' }]);
});

test('not with another time, nor with the seconds alone', () => {
  expect(causesOf(release, run({}))).toEqual(['unexplained 1']);
  expect(causesOf(release, run({ mtime: 180, nsec: 8 }))).toEqual(['unexplained 2']);
  expect(causesOf(run({}), run({ mtime: 180, nsec: 8 }))).toEqual(['unexplained 1']);
});

test('not where something is left in it', () => {
  const some = run(time, dir({ keep: file() }));
  expect(causesOf(some, run({ mtime: 151 }, dir({ keep: file() })))).toEqual(['unexplained 1']);
});

test('not where it was made anew, with other permissions, or a label of its own', () => {
  // all directories of A have one time
  const a = run(time);
  expect(causesOf(a, run({ mtime: 300, mode: 0o700 }))).toEqual(['unexplained 1']);
  expect(causesOf(a, run({ mtime: 300, xattrs: { 'security.selinux': 'x' } }))).toEqual(['unexplained 1']);
});

test('not where both have the time of /usr, on both sides', () => {
  const b = nodeAt(run({ mtime: 500, nsec: 3 }), '/usr', (node) => ({ ...node, mtime: 500, nsec: 3 }));
  expect(causesOf(run(time), b)).toEqual(['D03 2']);
});

test('not where /usr and /run, of one second, lost their nanoseconds', () => {
  const a = run({ mtime: 180, nsec: 4 });
  expect(
    causesOf(
      a,
      everyNode(a, (node) => ({ ...node, nsec: 0 })),
    ),
  ).toEqual(['D05 10']);
});
