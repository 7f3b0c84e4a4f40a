import { expect, test } from 'vitest';
import { VerityDigester } from '../../../../verity/fs-verity.ts';
import { portableHash } from '../../../../verity/portable-hash.ts';
import { bytesOfText, hexOfBytes } from '../../../text.ts';
import { backed, type Node } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release, without } from '../testing/pairs.ts';

function digestOf(content: string): string {
  const digester = new VerityDigester({ algorithm: 'sha256', hash: portableHash('sha256') });
  digester.update(bytesOfText(content));
  return hexOfBytes(digester.digest());
}

test('small files as objects, as containers/storage has them', () => {
  const outside = everyNode(release, (node, path) => {
    if (node.content === undefined || !path.startsWith('/etc/')) return node;
    const { content, ...rest } = node;
    const digest = digestOf(content);
    return { ...rest, size: content.length, digest, redirect: `${digest.slice(0, 2)}/${digest.slice(2)}` };
  });
  expect(causesOf(release, outside)).toEqual(['D16 2']);
  expect(explainTrees(release, outside).causes[0]?.sentence).toContain(
    'A has files of up to 9 bytes there, B has none',
  );
});

test('not where the object is another one', () => {
  const other = nodeAt(release, '/etc/motd', ({ mtime = 0, nsec = 0, uid = 0, gid = 0, xattrs = {} }) =>
    backed(77, 7, { mtime, nsec, uid, gid, xattrs }),
  );
  expect(causesOf(release, other)).toEqual(['unexplained 1']);
});

/** `/etc/` and its files as objects. */
const outside = (front = '', hasDigest = true): Node =>
  everyNode(release, (node, path) => {
    if (node.content === undefined || !path.startsWith('/etc/')) return node;
    const { content, ...rest } = node;
    const digest = digestOf(content);
    const redirect = `${front}${digest.slice(0, 2)}/${digest.slice(2)}`;
    return { ...rest, size: content.length, redirect, ...(hasDigest ? { digest } : {}) };
  });

test('certain, and both thresholds are told', () => {
  const { causes } = explainTrees(release, outside());
  expect(causes).toMatchObject([{ confidence: 'certain', attributes: ['storage'] }]);
  expect(causes[0]?.sentence).toBe(
    '2 files with the same content: in the image on one side, in an object on the other; A has files of up to 9 bytes there, B has none there.',
  );
});

test('an object without a digest is told by its path', () => {
  expect(causesOf(release, outside('', false))).toEqual(['D16 2']);
  expect(causesOf(release, outside('objects/', false))).toEqual(['D16 2']);
  const other = nodeAt(outside('', false), '/etc/motd', (node) => ({ ...node, redirect: `ab/${'c'.repeat(62)}` }));
  expect(causesOf(release, other)).toEqual(['D16 1', 'unexplained 1']);
});

test('SHA-512 objects, too', () => {
  const digester = new VerityDigester({ algorithm: 'sha512', hash: portableHash('sha512') });
  digester.update(bytesOfText('welcome'));
  const digest = hexOfBytes(digester.digest());
  const b = nodeAt(release, '/etc/motd', (node) => ({
    ...without(node, 'content'),
    size: 7,
    digest,
    redirect: `${digest.slice(0, 2)}/${digest.slice(2)}`,
  }));
  expect(causesOf(release, b)).toEqual(['D16 1']);
});
