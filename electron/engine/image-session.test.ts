import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ImageSession, openImageFile } from './image-session.ts';

const small = join(import.meta.dirname, 'testdata', 'small.cfs');
const job = { signal: new AbortController().signal, progress: () => {} };

test('a large image says the same of its entries before and after its objects are told apart', async () => {
  const file = await openImageFile(small, job);
  const atOnce = new ImageSession(0, small, file);
  const later = new ImageSession(1, small, file, 0);
  const rows = Array.from({ length: file.image.table.count }, (_, row) => row);
  const before = rows.map(later.statusOf);
  expect(before).toEqual(rows.map(atOnce.statusOf));
  expect(later.info).toMatchObject({ statuses: {}, counts: { entries: 13, backedFiles: 5, objects: 0 } });
  expect((await later.indexed).count).toBe(4);
  expect(rows.map(later.statusOf)).toEqual(before);
  expect({ ...later.info, image: 0 }).toEqual(atOnce.info);
  expect(later.info.counts).toMatchObject({ objects: 4, objectBytes: 500 });
});

test('an image that is closed before is not indexed any more', async () => {
  const session = new ImageSession(0, small, await openImageFile(small, job), 0);
  session.closing.abort();
  expect((await session.indexed).count).toBe(0);
});

test('the status of one object can be noted, and is told as news once', async () => {
  const session = new ImageSession(0, small, await openImageFile(small, job));
  expect(session.noteStatus(0, 'missing')).toBe(true);
  expect(session.noteStatus(0, 'missing')).toBe(false);
  const { firstEntry } = await session.indexed;
  expect(session.statusOf(firstEntry[0] ?? 0)).toBe('missing');
  expect(session.info.statuses.missing).toBe(1);
});

test('reading can be cancelled', async () => {
  const signal = AbortSignal.abort();
  await expect(openImageFile(small, { ...job, signal })).rejects.toMatchObject({ name: 'AbortError' });
});
