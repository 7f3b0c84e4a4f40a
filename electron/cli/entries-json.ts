import type { Output } from './output.ts';

/**
 * Writes `{"images":[{…facts, "entries":[…]}]}` piece by piece, an entry a line, so that a million of them need no memory.
 */
export class EntriesJson {
  readonly #out: Output;
  #images = 0;
  #entries = 0;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Starts an image. @param facts what is said of it before its entries */
  image(facts: Readonly<Record<string, unknown>>): void {
    this.#closeImage();
    this.#out.text(this.#images === 0 ? '{"images":[\n' : ',\n');
    this.#out.text(`${JSON.stringify(facts).slice(0, -1)},"entries":[\n`);
    this.#images++;
    this.#entries = 0;
  }

  entry(facts: Readonly<Record<string, unknown>>): void {
    this.#out.text(`${this.#entries++ === 0 ? '' : ',\n'}${JSON.stringify(facts)}`);
  }

  end(): void {
    this.#closeImage();
    this.#out.text(this.#images === 0 ? '{"images":[]}\n' : '\n]}\n');
  }

  #closeImage(): void {
    if (this.#images > 0) this.#out.text(this.#entries === 0 ? ']}' : '\n]}');
  }
}
