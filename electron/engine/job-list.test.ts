import { expect, test } from 'vitest';
import type { JobState } from '../../shared/contract/values.ts';
import { JobList } from './job-list.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('work that ends soon is never shown', async () => {
  const told: JobState[] = [];
  const jobs = new JobList((state) => told.push(state));
  expect(await jobs.run('short', 'bytes', async () => 7)).toBe(7);
  await pause(150);
  expect(told).toEqual([]);
});

test('work that takes long is shown with its progress until it is done', async () => {
  const told: JobState[] = [];
  const jobs = new JobList((state) => told.push(state));
  await jobs.run('long', 'objects', async ({ progress }) => {
    for (let done = 0; done < 30; done += 1) {
      progress(done, 30);
      await pause(10);
    }
  });
  expect(told[0]).toMatchObject({ title: 'long', state: 'running', total: 30, unit: 'objects' });
  expect(told.at(-1)).toMatchObject({ state: 'done', done: 29 });
  expect(told.length).toBeLessThan(8);
  expect(jobs.running).toEqual([]);
});

test('a job that is cancelled ends with its signal, and is told as cancelled', async () => {
  const told: JobState[] = [];
  const jobs = new JobList((state) => told.push(state));
  const work = jobs.run('endless', 'bytes', async ({ signal }) => {
    for (;;) {
      signal.throwIfAborted();
      await pause(10);
    }
  });
  await pause(150);
  expect(jobs.running).toHaveLength(1);
  jobs.cancel(told[0]?.job ?? -1);
  await expect(work).rejects.toMatchObject({ name: 'AbortError' });
  expect(told.at(-1)).toMatchObject({ state: 'cancelled', message: undefined });
  jobs.cancel(99); // none such: nothing happens
});

test('a job that fails says why', async () => {
  const told: JobState[] = [];
  const jobs = new JobList((state) => told.push(state));
  const work = jobs.run('bad', 'bytes', async () => {
    await pause(150);
    throw new Error('the disk is on fire');
  });
  await expect(work).rejects.toThrow('the disk is on fire');
  expect(told.at(-1)).toMatchObject({ state: 'failed', message: 'the disk is on fire' });
});
