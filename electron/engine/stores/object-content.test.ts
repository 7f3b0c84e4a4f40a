import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { MAX_RANGE, openObject, readObject, readObjectRange } from './object-content.ts';
import { ObjectResolver, type FoundObject } from './object-resolver.ts';
import { plant } from './testing/folder.ts';

async function found(root: string, redirect: string): Promise<FoundObject> {
  const outcome = await new ObjectResolver([root]).resolve(Buffer.from(redirect));
  if (!outcome.found) throw new Error(outcome.reason);
  return outcome;
}

it('reads a part of an object, and only what is there', async () => {
  const folder = plant({ 'aa/x': '0123456789' });
  const object = await found(folder.path, 'aa/x');
  const read = async (offset: number, length: number): Promise<string> =>
    Buffer.from((await readObjectRange(object, offset, length)).bytes).toString();
  expect(await read(0, 4)).toBe('0123');
  expect(await read(8, 100)).toBe('89');
  expect(await read(10, 1)).toBe('');
  expect(await read(Number.MAX_SAFE_INTEGER, 1)).toBe('');
  expect((await readObjectRange(object, 3, 0)).size).toBe(10);
});

it.each([
  [-1, 1],
  [0.5, 1],
  [0, -1],
  [0, MAX_RANGE + 1],
  [Number.NaN, 1],
])('refuses offset %d with length %d', async (offset, length) => {
  const folder = plant({ 'aa/x': 'x' });
  const object = await found(folder.path, 'aa/x');
  await expect(readObjectRange(object, offset, length)).rejects.toThrow(RangeError);
});

it('reads all of a large object in order', async () => {
  const bytes = Buffer.alloc((1 << 21) + 17, 'composefs');
  const folder = plant({ 'aa/x': bytes });
  const chunks: Uint8Array[] = [];
  for await (const chunk of readObject(await found(folder.path, 'aa/x'))) chunks.push(chunk);
  expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
});

it('stops with the reason of its signal, between two chunks', async () => {
  const folder = plant({ 'aa/x': Buffer.alloc(3 << 20) });
  const control = new AbortController();
  const reading = async (): Promise<void> => {
    for await (const chunk of readObject(await found(folder.path, 'aa/x'), control.signal)) {
      expect(chunk).toHaveLength(1 << 20);
      control.abort(new Error('enough'));
    }
  };
  await expect(reading()).rejects.toThrow('enough');
});

// Between finding and opening, whoever may write to the store may put anything there.
it.each([
  ['a symlink', 'ELOOP', (path: string) => symlinkSync('/etc/passwd', path)],
  ['a FIFO that would never end', 'ENXIO', (path: string) => execFileSync('mkfifo', [path])],
  ['a folder', 'ENXIO', (path: string) => execFileSync('mkdir', [path])],
  ['nothing', 'ENOENT', () => undefined],
])('does not read %s in its place', async (_, code, put) => {
  const folder = plant({ 'aa/x': 'x' });
  const object = await found(folder.path, 'aa/x');
  rmSync(folder.at('aa/x'));
  put(folder.at('aa/x'));
  await expect(readObjectRange(object, 0, 1)).rejects.toMatchObject({ code });
  await expect(openObject(object)).rejects.toMatchObject({ code });
});

it('does not take another file for the one that was found', async () => {
  const folder = plant({ 'aa/x': 'x', other: 'y' });
  const object = await found(folder.path, 'aa/x');
  renameSync(folder.at('other'), folder.at('aa/x'));
  await expect(readObjectRange(object, 0, 1)).rejects.toMatchObject({ code: 'ESTALE' });
  writeFileSync(folder.at('aa/x'), 'z');
  await expect(openObject(object)).rejects.toMatchObject({ code: 'ESTALE' });
});
