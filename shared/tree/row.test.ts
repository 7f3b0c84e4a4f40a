import { describe, expect, it } from 'vitest';
import { verityStatuses } from '../contract/status.ts';
import { backed, broken, char, dir, file, imageOf, symlink } from '../testing/table-of.ts';
import { statusOfEntries } from './entry-status.ts';
import { indexObjects } from './objects.ts';
import { entryRow } from './row.ts';

const image = imageOf(
  dir({
    bin: symlink('usr/b\\xffin'),
    'evil<b>\\x0a': backed(0xab, 4711, { mode: 0o4755, uid: 1, gid: 2, mtime: -3, nsec: 4, nlink: 5, inode: 6 }),
    gone: broken(),
    sub: dir({ zero: char(0x105), inline: file({ content: 'x' }), lost: file({ digest: '0'.repeat(64), size: 1 }) }),
  }),
  { problems: [{ severity: 'error', code: 'corrupt', entry: 3, offset: 9, message: 'first' }] },
);
const statuses = Uint8Array.of(verityStatuses.indexOf('missing'));
const statusOf = statusOfEntries(image, indexObjects(image), statuses);

describe('entryRow', () => {
  it('says all there is to say of a backed file', () => {
    const digest = '000000ab'.repeat(8);
    expect(entryRow(image, 2, statusOf)).toEqual({
      entry: 2,
      name: 'evil<b>\\x0a',
      depth: 1,
      expanded: undefined,
      hasChildren: false,
      position: 1,
      siblings: 1,
      kind: 'file',
      mode: 0o104755,
      uid: 1,
      gid: 2,
      size: 4711,
      mtime: -3,
      mtimeNsec: 4,
      nlink: 5,
      inode: 6,
      redirect: `00/${digest.slice(2)}`,
      digest,
      verity: 'missing',
      target: undefined,
      problem: undefined,
      matches: true,
    });
  });

  it('calls the root by its path, and gives directories no size', () => {
    expect(entryRow(image, 0, statusOf)).toMatchObject({ name: '/', depth: 0, hasChildren: true, size: undefined });
  });

  it('says where a symlink points', () => {
    expect(entryRow(image, 1, statusOf)).toMatchObject({ kind: 'symlink', target: 'usr/b\\xffin', size: 8 });
  });

  it('says what is wrong with a broken entry', () => {
    expect(entryRow(image, 3, statusOf)).toMatchObject({ kind: 'unknown', problem: 'first', size: undefined });
    const crowded = { ...image, problems: [] };
    expect(entryRow(crowded, 3, statusOf).problem).toMatch(/too many problems/);
  });

  it('gives no status where there is no content', () => {
    expect([0, 1, 3, 4, 7].map((entry) => entryRow(image, entry, statusOf).verity)).toEqual(Array(5).fill(undefined));
  });

  it('tells inline content from content that nothing leads to', () => {
    expect(entryRow(image, 5, statusOf).verity).toBe('inline');
    expect(entryRow(image, 6, statusOf).verity).toBe('unreadable');
  });
});
