import { closeSync, openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll } from 'vitest';
import { lock } from '../file-calls.ts';

const ASK_EVERY_MS = 100;
/** All that others mount in their tests, one after the other. */
const PATIENCE_MS = 900_000;

/**
 * For the tests of a file that mount something, or look at what is mounted: they run while no other such file does, of
 * this run or of another one on this machine. To be called before the file's own hooks.
 */
export function aloneWithMounts(): void {
  if (process.platform !== 'linux') return;
  let file: number | undefined;
  beforeAll(async () => {
    file = openSync(join(tmpdir(), 'composcope-mount-tests.lock'), 'w');
    for (const end = performance.now() + PATIENCE_MS; !lock(file);) {
      if (performance.now() > end) throw new Error('tests that mount something still run after 15 minutes');
      await setTimeout(ASK_EVERY_MS);
    }
  }, PATIENCE_MS);
  afterAll(() => {
    if (file !== undefined) closeSync(file);
  });
}
