import { expect, test } from 'vitest';
import { S_IFDIR } from '../../../table.ts';
import { type Node, type NodeAttributes } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, withXattrs } from '../testing/pairs.ts';

const usr = release.children?.find(([name]) => name === 'usr')?.[1] ?? release;

test('the root with all of /usr', () => {
  const { children: _, ...attributes } = usr;
  expect(
    causesOf(
      release,
      nodeAt(release, '/', (node) => ({ ...node, ...attributes })),
    ),
  ).toEqual(['D09 1']);
});

test('not with its permissions alone', () => {
  expect(
    causesOf(
      release,
      nodeAt(release, '/', (node) => ({ ...node, mode: 0o555 })),
    ),
  ).toEqual(['unexplained 1']);
});

test('not where all times were set to one, and / and /usr are alike by that', () => {
  const plain = everyNode(release, (node) => ({ ...node, mode: node.type === S_IFDIR ? 0o755 : (node.mode ?? 0o644) }));
  const b = everyNode(plain, (node) => ({ ...node, mtime: 7, nsec: 0 }));
  expect(causesOf(plain, b)).toEqual(['D35 21']);
});

const { children: _children, ...ofUsr } = usr;
const like = (attributes: NodeAttributes): Node =>
  nodeAt(release, '/', (node) => ({ ...node, ...ofUsr, ...attributes }));

test('strong, with all that differs', () => {
  expect(explainTrees(release, like({})).causes).toMatchObject([
    {
      confidence: 'strong',
      attributes: ['mode', 'mtime', 'selinux'],
      sentence: 'The root of B has all attributes of its /usr, that of A has not.',
    },
  ]);
});

test.each([
  { uid: 1 },
  { gid: 1 },
  { mode: 0o755 },
  { mtime: 201 },
  { nsec: 8 },
  { xattrs: { 'security.selinux': 'x' } },
])('not where one is another one: %o', (attributes) => {
  expect(causesOf(release, like(attributes))).toEqual(['unexplained 1']);
});

test('not where both roots have them, or /usr is not there', () => {
  const a = like({});
  expect(
    causesOf(
      a,
      everyNode(a, (node, path) => (path === '/' || path === '/usr' ? { ...node, uid: 9 } : node)),
    ),
  ).toEqual(['D19 2']);
  const [c, d] = [release, a].map((tree) => nodeAt(tree, '/usr', () => undefined));
  if (c === undefined || d === undefined) throw new Error('no trees');
  expect(causesOf(c, d)).toEqual(['unexplained 1']);
});

test('its time is explained where /usr lost its nanoseconds only', () => {
  const whole = everyNode(like({}), (node) => ({ ...node, nsec: 0 }));
  expect(causesOf(release, whole)).toEqual(['D05 9', 'D09 1']);
});

test('and where both were made anew, at times of their own', () => {
  const time = { mtime: 7000, nsec: 77 };
  const b = everyNode(like({}), (node, path) => (path === '/' || path === '/usr' ? { ...node, ...time } : node));
  expect(causesOf(release, b)).toEqual(['D09 1', 'D03 1']);
  const more = nodeAt(b, '/usr/lib', (node) => ({ ...node, ...time }));
  // three of one time have it from elsewhere
  expect(causesOf(release, more)).toEqual(['D03 3', 'D09 1']);
});

test('not owners that are one everywhere, nor xattrs that are gone: these make any two directories alike', () => {
  const a = nodeAt(like({}), '/', (node) => ({ ...node, uid: 33 }));
  const b = everyNode(a, (node) => ({ ...node, uid: 0, gid: 0 }));
  expect(causesOf(a, b)).toEqual(['D20 3']);
  const noted = nodeAt(like({}), '/', (node) => ({ ...node, xattrs: { ...node.xattrs, 'trusted.note': 'x' } }));
  expect(
    causesOf(
      noted,
      withXattrs(noted, (name) => !name.startsWith('trusted.')),
    ),
  ).toEqual(['D04 1']);
});
