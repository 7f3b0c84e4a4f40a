/** Deaths within `WINDOW_MS` after which nothing is started by itself any more. */
const MAX_DEATHS = 5;
const WINDOW_MS = 60_000;
const FIRST_DELAY_MS = 100;

/**
 * Decides when a process that died is started again: soon at first, twice as late each time it dies again within a
 * minute, and not at all at the fifth death, since what it was given then kills it each time.
 */
export class DeathCounter {
  #deaths: number[] = [];

  /**
   * Notes a death.
   * @param now in ms, of any clock that only goes forward
   * @returns how long to wait, in ms; undefined: do not start it again
   */
  died(now: number): number | undefined {
    this.#deaths = [...this.#deaths.filter((death) => now - death < WINDOW_MS), now];
    const deaths = this.#deaths.length;
    return deaths >= MAX_DEATHS ? undefined : FIRST_DELAY_MS * 2 ** (deaths - 1);
  }

  /** The user wants it started: what was before does not count. */
  forget(): void {
    this.#deaths = [];
  }
}
