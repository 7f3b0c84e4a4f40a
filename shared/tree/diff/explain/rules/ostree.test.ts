import { expect, test } from 'vitest';
import { S_IFREG } from '../../../table.ts';
import { bytesOfText } from '../../../text.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, without } from '../testing/pairs.ts';

test('payloads of ostree, and no times', () => {
  const ostree = everyNode(release, (node) => {
    const { redirect, ...rest } = { ...node, mtime: 0, nsec: 0 };
    return redirect === undefined ? rest : { ...rest, redirect: `${redirect.slice(0, 2)}/${redirect.slice(3)}.file` };
  });
  // all of them differ in time
  expect(causesOf(release, ostree)).toEqual(['D17 21']);
});

/** Payloads as ostree has them, nothing in the image; without digests where nobody asked for them. */
const repository = (hasDigests: boolean) =>
  everyNode(release, (node) => {
    const zero = { ...node, mtime: 0, nsec: 0 };
    const inline = node.type === S_IFREG && node.content !== undefined;
    const redirect = inline ? 'ab/cdef' : node.redirect;
    if (redirect === undefined) return zero;
    const size = inline ? bytesOfText(node.content).length : (node.size ?? 0);
    const backed = { ...without(zero, 'content', 'redirect', 'digest'), size, redirect: `${redirect}.file` };
    return hasDigests && node.digest !== undefined ? { ...backed, digest: node.digest } : backed;
  });

test.each([true, false])('small files are objects, too; digests: %s', (hasDigests) => {
  expect(causesOf(release, repository(hasDigests))).toEqual(['D17 21']);
  const { causes } = explainTrees(release, repository(hasDigests));
  expect(causes).toMatchObject([{ confidence: 'strong' }]);
  expect(causes[0]?.sentence).toBe('B has 7 objects named as ostree names them, and all times are 0.');
});

test('where times are kept, only the objects are explained', () => {
  const b = everyNode(release, (node) =>
    node.redirect === undefined ? node : { ...node, redirect: `${node.redirect}.file` },
  );
  expect(causesOf(release, b)).toEqual(['D17 5']);
  expect(explainTrees(release, b).causes[0]?.sentence).toBe('B has 5 objects named as ostree names them.');
});

test('a time that was changed behind it is left', () => {
  const b = nodeAt(repository(true), '/etc/motd', (node) => ({ ...node, mtime: 5 }));
  expect(causesOf(release, b)).toEqual(['D17 21', 'unexplained 1']);
  expect(explainTrees(release, b).causes[0]?.sentence).toContain('and nearly all times are 0');
});

test('two digests are two contents, whatever the objects are called', () => {
  const b = nodeAt(repository(true), '/usr/lib/libc', (node) => ({ ...node, digest: '9'.repeat(64) }));
  expect(causesOf(release, b)).toEqual(['D17 21', 'unexplained 1']);
});

test('not where both are of ostree, nor for another end of the path', () => {
  const b = nodeAt(repository(true), '/usr/lib/libc', (node) => ({ ...node, redirect: 'other.file' }));
  expect(causesOf(repository(true), b).filter((cause) => cause.startsWith('D17'))).toEqual([]);
  const zip = everyNode(release, (node) =>
    node.redirect === undefined ? node : { ...node, redirect: `${node.redirect}.filez` },
  );
  expect(causesOf(release, zip)).toEqual(['D25 5']);
});
