import { expect, test } from 'vitest';
import { NO_NOISE } from '../../contract/compare-values.ts';
import { backed, char, dir, file, imageOf, symlink, type Node } from '../../testing/table-of.ts';
import { compareTrees } from './compare-trees.ts';
import { withoutNoise } from './noise.ts';
import { pairValues, valueText } from './pair-values.ts';

/** The values of one entry of both sides, by label; `*` where they differ, `-` where that is ignored. */
function valuesOf(a: Node, b: Node, noise = NO_NOISE): Readonly<Record<string, string>> {
  const diff = compareTrees(imageOf(dir({ x: a })), imageOf(dir({ x: b })));
  const seen = withoutNoise(diff, noise);
  if ('fault' in seen) throw new Error(seen.fault.message);
  return Object.fromEntries(
    pairValues(diff, seen, 1).map(({ label, a: ours, b: theirs, differs, ignored }) => [
      label,
      `${ours ?? 'none'} | ${theirs ?? 'none'}${differs ? (ignored ? ' -' : ' *') : ''}`,
    ]),
  );
}

test('each attribute in words, those that differ marked', () => {
  const values = valuesOf(file({ mode: 0o644, uid: 1, content: 'ab' }), file({ mode: 0o755, uid: 1, content: 'ab' }));
  expect(values).toMatchObject({
    mode: '0644 -rw-r--r-- | 0755 -rwxr-xr-x *',
    owner: '1 | 1',
    size: '2 bytes | 2 bytes',
    stored: 'in the image | in the image',
  });
  expect(values).not.toHaveProperty('target');
  expect(values).not.toHaveProperty('device');
});

test('what is ignored differs still, and says that it is ignored', () => {
  const noise = { ...NO_NOISE, attributes: ['mtime' as const] };
  const { modified } = valuesOf(file({ mtime: 1 }), file({ mtime: 2, nsec: 5 }), noise);
  expect(modified).toBe('1970-01-01 00:00:01.000000000 UTC | 1970-01-01 00:00:02.000000005 UTC -');
});

test('digest and redirect of an object, target of a symlink, number of a device', () => {
  const { digest, redirect } = valuesOf(backed(1, 5000), backed(2, 5000));
  expect(digest).toMatch(/^sha256:0{7}1.* \| sha256:0{7}2.* \*$/);
  expect(redirect).toMatch(/^00\/000001/);
  expect(valuesOf(symlink('a'), symlink('b'))).toMatchObject({ target: 'a | b *' });
  expect(valuesOf(char(0x501), char(0x502))).toMatchObject({ device: '5:1 | 5:2 *' });
});

test('xattrs by name, decoded; one that a side has not is none', () => {
  const label = 'system_u:object_r:usr_t:s0\\x00';
  const values = valuesOf(
    file({ xattrs: { 'security.selinux': label, 'user.a': '1' } }),
    file({ xattrs: { 'security.selinux': label } }),
  );
  expect(values['security.selinux']).toBe('system_u:object_r:usr_t:s0 | system_u:object_r:usr_t:s0');
  expect(values['user.a']).toMatch(/ \| none \*$/);
});

test('a value without words is hex, and a long one is cut', () => {
  expect(valueText('trusted.x', new Uint8Array(0))).toBe('(empty)');
  const long = valueText('trusted.x', new Uint8Array(300).fill(0xff));
  expect(long).toMatch(/^0x(?:ff){256}…$/);
});
