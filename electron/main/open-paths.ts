/**
 * The paths that the app was asked to open: those from its start wait until the page asks for them, later ones (a second
 * start, macOS) are sent to it at once.
 */
export class OpenPaths {
  readonly #start: string[];
  readonly #send: (paths: readonly string[]) => void;
  #asked = false;

  constructor(start: readonly string[], send: (paths: readonly string[]) => void) {
    this.#start = [...start];
    this.#send = send;
  }

  add(paths: readonly string[]): void {
    if (this.#asked) this.#send(paths);
    else this.#start.push(...paths);
  }

  /** The same at each call: a page that is loaded again asks again. */
  ask(): readonly string[] {
    this.#asked = true;
    return this.#start;
  }
}
