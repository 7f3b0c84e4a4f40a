import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FrameReader, writeFrame } from '../../../shared/contract/frames.ts';
import type { HelperMessage, HelperMode } from '../../../shared/contract/helper.ts';

/** The helper as a process, and bytes to it. */
export class RawHelper {
  readonly #child;
  readonly #reader = new FrameReader(1 << 26);
  readonly #messages: HelperMessage[] = [];
  readonly #exit: Promise<number | null>;
  #wake: () => void = () => {};

  constructor(script: string, mode: HelperMode | string = 'any', env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(process.execPath, [script, mode], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.on('data', (bytes: Buffer) => {
      for (const body of this.#reader.push(bytes)) {
        this.#messages.push(JSON.parse(Buffer.from(body).toString()) as HelperMessage);
      }
      this.#wake();
    });
    this.#exit = once(this.#child, 'close').then(([status]) => {
      this.#wake();
      return status as number | null;
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  write(bytes: Uint8Array): void {
    this.#child.stdin.write(bytes);
  }

  send(message: unknown): void {
    this.write(writeFrame(Buffer.from(JSON.stringify(message))));
  }

  /** The next end of a request, or undefined where the helper ends before. */
  async answer(): Promise<Exclude<HelperMessage, { type: 'step' }> | undefined> {
    let isGone = false;
    void this.#exit.then(() => {
      isGone = true;
    });
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined && message.type !== 'step') return message;
      if (message !== undefined) continue;
      if (isGone) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, 20);
      });
    }
  }

  async ask(request: unknown): Promise<Exclude<HelperMessage, { type: 'step' }> | undefined> {
    this.send({ id: 7, request });
    return await this.answer();
  }

  /** Ends its input. @returns its exit status */
  async end(): Promise<number | null> {
    this.#child.stdin.end();
    return await this.#exit;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exit;
  }
}
