import type { EntryRow } from '../../shared/contract/values.ts';

/** Rows that are asked for at once. */
export const PAGE_ROWS = 200;
/** Pages kept; those looked at longest ago go first. */
const MAX_PAGES = 60;

interface Page<Row> {
  readonly version: number;
  readonly rows: readonly Row[];
}

/**
 * The rows of a view that were loaded, by page. A page that went stale stays until its new rows are there, so that
 * nothing jumps; rows that come for a version that is no longer the current one are dropped.
 */
export class RowPages<Row = EntryRow> {
  readonly #fetch: (from: number, to: number) => Promise<readonly Row[] | undefined>;
  readonly #onChange: () => void;
  readonly #pages = new Map<number, Page<Row>>();
  readonly #asked = new Map<number, number>();
  #version = 0;

  /** @param fetch undefined: they could not be had */
  constructor(fetch: (from: number, to: number) => Promise<readonly Row[] | undefined>, onChange: () => void) {
    this.#fetch = fetch;
    this.#onChange = onChange;
  }

  /** The row at an index, the newest that is known; undefined: not loaded. */
  at(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / PAGE_ROWS))?.rows[index % PAGE_ROWS];
  }

  /** Makes sure that the rows `[from, to)` of a view with `total` rows are there, or on their way. */
  show(from: number, to: number, total: number, version: number): void {
    this.#version = version;
    for (let page = Math.floor(from / PAGE_ROWS); page * PAGE_ROWS < Math.min(to, total); page++) {
      const known = this.#pages.get(page);
      if (known) {
        this.#pages.delete(page); // to the young end
        this.#pages.set(page, known);
      }
      if (known?.version === version || this.#asked.get(page) === version) continue;
      this.#asked.set(page, version);
      void this.#load(page, Math.min(total, (page + 1) * PAGE_ROWS), version);
    }
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= MAX_PAGES) break;
      this.#pages.delete(page);
    }
  }

  async #load(page: number, stop: number, version: number): Promise<void> {
    const rows = await this.#fetch(page * PAGE_ROWS, stop);
    if (this.#asked.get(page) === version) this.#asked.delete(page);
    if (!rows || version !== this.#version) return;
    this.#pages.set(page, { version, rows });
    this.#onChange();
  }
}
