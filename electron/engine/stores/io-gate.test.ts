import { close, lstat, open, type Stats } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { IoGate } from './io-gate.ts';
import { plant } from './testing/folder.ts';

it('gives a result, and the error of a call that fails', async () => {
  const folder = plant({ x: 'four' });
  const gate = new IoGate(folder.path);
  expect((await gate.run<Stats>((done) => lstat(folder.at('x'), done))).size).toBe(4);
  await expect(gate.run<Stats>((done) => lstat(folder.at('none'), done))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('lets no more than eight calls run at once, and runs all', async () => {
  const gate = new IoGate('/');
  let running = 0;
  let most = 0;
  const call = (): Promise<number> =>
    gate.run<number>((done) => {
      running += 1;
      most = Math.max(most, running);
      setTimeout(() => {
        running -= 1;
        done(null, 1);
      }, 1);
    });
  const results = await Promise.all(Array.from({ length: 50 }, call));
  expect(results).toHaveLength(50);
  expect(most).toBe(8);
});

it('gives up a call that hangs, refuses more at once, and recovers when it comes back', async () => {
  // Opening a FIFO that nobody writes to hangs as a dead network disk does: in the kernel, on a thread of the pool.
  const folder = plant({ fifo: { fifo: true }, x: 'four' });
  const gate = new IoGate(folder.path, 50);
  let opened: number | undefined;
  const hanging = gate.run<number>((done) =>
    open(folder.at('fifo'), 'r', (error, file) => {
      opened = file;
      done(error, file);
    }),
  );
  await expect(hanging).rejects.toMatchObject({ code: 'ETIMEDOUT', path: folder.path });
  expect(gate.stalled).toBe(true);
  await expect(gate.run<Stats>((done) => lstat(folder.at('x'), done))).rejects.toMatchObject({ code: 'ETIMEDOUT' });

  const writer = await openFile(folder.at('fifo'), 'w'); // what it waited for: now it comes back
  await expect.poll(() => gate.stalled).toBe(false);
  await writer.close();
  if (opened !== undefined) close(opened);
  expect((await gate.run<Stats>((done) => lstat(folder.at('x'), done))).size).toBe(4);
});

it('gives up those that wait behind a call that hangs', async () => {
  const gate = new IoGate('/', 20);
  const calls = Array.from({ length: 20 }, () => gate.run<number>(() => undefined));
  const outcomes = await Promise.allSettled(calls);
  expect(outcomes.map((outcome) => outcome.status)).toEqual(Array.from({ length: 20 }, () => 'rejected'));
});
