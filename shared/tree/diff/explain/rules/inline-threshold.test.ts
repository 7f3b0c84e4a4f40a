import { expect, test } from 'vitest';
import { VerityDigester } from '../../../../verity/fs-verity.ts';
import { portableHash } from '../../../../verity/portable-hash.ts';
import { bytesOfText, hexOfBytes } from '../../../text.ts';
import { backed } from '../../../../testing/table-of.ts';
import { causesOf, everyNode, explainTrees, nodeAt, release } from '../testing/pairs.ts';

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
