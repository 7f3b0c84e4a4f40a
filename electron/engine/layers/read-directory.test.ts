import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readDirectory } from './read-directory.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'read-directory-'));
  for (let index = 0; index < 100; index += 1) {
    mkdirSync(join(folder, String(index)));
    for (let file = 0; file < 100; file += 1) writeFileSync(join(folder, String(index), String(file)), '');
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a directory as a layer', () => {
  test('others get their turn while it is read', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const image = await readDirectory(folder);
    clearInterval(timer);
    expect(image.table.count).toBe(1 + 100 + 10_000);
    expect(turns).toBeGreaterThan(0);
  });

  test('can be stopped', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(readDirectory(folder, { signal })).rejects.toThrow('enough');
  });

  test('ends at the limit', async () => {
    await expect(readDirectory(folder, { maxEntries: 1000 })).rejects.toMatchObject({ code: 'EFBIG' });
  });
});
