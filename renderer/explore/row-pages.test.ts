import { describe, expect, it } from 'vitest';
import type { EntryRow } from '../../shared/contract/values.ts';
import { PAGE_ROWS, RowPages } from './row-pages.ts';

const row = (entry: number): EntryRow => ({ entry }) as EntryRow; // only the key matters here
const rows = (from: number, to: number, shift = 0): EntryRow[] =>
  Array.from({ length: to - from }, (_, index) => row(from + index + shift));
const settled = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

describe('row pages', () => {
  it('asks for the pages that are shown, once', async () => {
    const asked: (readonly [number, number])[] = [];
    const pages = new RowPages<EntryRow>(
      async (from, to) => (asked.push([from, to]), rows(from, to)),
      () => undefined,
    );
    pages.show(150, 250, 300, 1);
    pages.show(150, 250, 300, 1);
    await settled();
    pages.show(150, 250, 300, 1);
    expect(asked).toEqual([
      [0, PAGE_ROWS],
      [PAGE_ROWS, 300],
    ]);
    expect(pages.at(299)?.entry).toBe(299);
    expect(pages.at(300)).toBeUndefined();
  });

  it('keeps stale rows until the new ones are there', async () => {
    let shift = 0;
    const pages = new RowPages<EntryRow>(
      async (from, to) => rows(from, to, shift),
      () => undefined,
    );
    pages.show(0, 10, 10, 1);
    await settled();
    shift = 100;
    pages.show(0, 10, 10, 2);
    expect(pages.at(3)?.entry).toBe(3);
    await settled();
    expect(pages.at(3)?.entry).toBe(103);
  });

  it('drops rows that come late, for a version that is over', async () => {
    const answers: ((value: readonly EntryRow[]) => void)[] = [];
    const pages = new RowPages<EntryRow>(
      () => new Promise((done) => answers.push(done)),
      () => undefined,
    );
    pages.show(0, 10, 10, 1);
    pages.show(0, 10, 10, 2);
    answers[1]?.(rows(0, 10, 200));
    await settled();
    answers[0]?.(rows(0, 10, 100));
    await settled();
    expect(pages.at(0)?.entry).toBe(200);
  });

  it('forgets pages that were left long ago', async () => {
    const pages = new RowPages<EntryRow>(
      async (from, to) => rows(from, to),
      () => undefined,
    );
    for (let page = 0; page < 100; page++) {
      pages.show(page * PAGE_ROWS, page * PAGE_ROWS + 1, 1_000_000, 1);
      await settled();
    }
    pages.show(99 * PAGE_ROWS, 99 * PAGE_ROWS + 1, 1_000_000, 1);
    expect(pages.at(0)).toBeUndefined();
    expect(pages.at(99 * PAGE_ROWS)?.entry).toBe(99 * PAGE_ROWS);
  });
});
