import * as fs from 'node:fs/promises';
import { app } from 'electron';
import type { BrowserWindow } from 'electron';

/** From start to a page that says it is ready: an image of a million entries on a slow machine needs less. */
const TIME_LIMIT_MS = 60_000;
/** The compositor may still show the frame before: a picture is taken of two frames later. */
const SETTLE_MS = 300;

/** Writes a picture of the window, once it is ready, and ends the app: for documentation and for machines without eyes. */
export class Screenshot {
  readonly #file: string;
  readonly #limit: NodeJS.Timeout;

  /** @param file absolute path of the PNG to write */
  constructor(file: string) {
    this.#file = file;
    this.#limit = setTimeout(() => {
      fail(`no picture: the window was not ready within ${TIME_LIMIT_MS / 1000} s`);
    }, TIME_LIMIT_MS);
  }

  async take(window: BrowserWindow): Promise<void> {
    clearTimeout(this.#limit);
    try {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      const picture = await window.webContents.capturePage();
      if (picture.isEmpty()) throw new Error('the window gave an empty picture');
      await fs.writeFile(this.#file, picture.toPNG());
      console.log(`Picture of the window: ${this.#file}`);
      app.exit(0);
    } catch (cause) {
      fail(`no picture: ${cause instanceof Error ? cause.message : String(cause)}`);
    }
  }
}

function fail(message: string): void {
  console.error(`composcope: ${message}`);
  app.exit(1);
}
