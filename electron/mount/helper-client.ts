import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { FrameReader, writeFrame } from '../../shared/contract/frames.ts';
import type {
  HelperFault,
  HelperMessage,
  HelperMode,
  HelperRequest,
  HelperResponses,
} from '../../shared/contract/helper.ts';
import { HELPER_PROTOCOL } from '../../shared/contract/limits.ts';
import type { MountStep } from '../../shared/contract/mount-values.ts';
import { LAUNCHER } from './polkit.ts';
import { startTextAgent } from './text-agent.ts';

/** Bytes of an answer: a system may have thousands of mounts. */
const MAX_ANSWER = 1 << 26;

/** The helper did not do as asked, or is not there. */
export class HelperError extends Error {
  override readonly name = 'HelperError';
  readonly fault: HelperFault;

  constructor(fault: HelperFault) {
    super(fault.message);
    this.fault = fault;
  }
}

const isRoot = (): boolean => process.getuid?.() === 0;

const gone = (message: string, code = 'no-helper'): HelperError =>
  new HelperError({ code, message, errno: undefined, reason: 'no-helper', path: undefined, steps: [] });

export interface HelperOptions {
  /** Runs JavaScript, for the helper where no launcher is between: Node, or Electron as such. */
  readonly runtime: { readonly program: string; readonly env: Readonly<Record<string, string>> };
  /** helper.mjs of the build. */
  readonly script: string;
}

interface Waiting {
  readonly onStep: (step: MountStep) => void;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: HelperError) => void;
}

/** The helper's process, and what is asked of it. It is started with the first request, and again after it has ended. */
export class HelperClient {
  readonly #mode: HelperMode;
  readonly #options: HelperOptions;
  #running: { readonly child: ChildProcess; readonly hello: Promise<HelperResponses['hello']> } | undefined;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(mode: HelperMode, options: HelperOptions) {
    this.#mode = mode;
    this.#options = options;
  }

  /** What the helper says first. @throws HelperError */
  async hello(): Promise<HelperResponses['hello']> {
    const endAgent = this.#running === undefined && !isRoot() ? await startTextAgent() : () => {};
    try {
      this.#running ??= this.#start();
      return await this.#running.hello;
    } finally {
      endAgent();
    }
  }

  /** @param onStep is told of each step of a mount. @throws HelperError */
  async ask<K extends HelperRequest['verb']>(
    request: Extract<HelperRequest, { verb: K }>,
    onStep: (step: MountStep) => void = () => {},
  ): Promise<HelperResponses[K]> {
    await this.hello();
    const running = this.#running;
    if (running === undefined) throw gone('the helper ended before it was asked');
    const value = await this.#send(running.child, request, onStep);
    return value as HelperResponses[K]; // the helper's verbs are typed by the same table
  }

  /** The helper ends when nobody speaks to it any more. */
  close(): void {
    this.#running?.child.stdin?.end();
  }

  #send(child: ChildProcess, request: HelperRequest, onStep: (step: MountStep) => void): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { onStep, resolve, reject });
      child.stdin?.write(writeFrame(Buffer.from(JSON.stringify({ id, request }))));
    });
  }

  #start(): { readonly child: ChildProcess; readonly hello: Promise<HelperResponses['hello']> } {
    const child = this.#spawn();
    const reader = new FrameReader(MAX_ANSWER);
    let words = '';
    child.stdout?.on('data', (bytes: Buffer) => {
      for (const message of reader.push(bytes))
        this.#take(JSON.parse(Buffer.from(message).toString()) as HelperMessage);
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      if (words.length < 4096) words += bytes.toString();
    });
    child.stdin?.on('error', () => {}); // it is gone: said by its exit
    child.on('error', (error) => this.#ended(gone(`it could not be started: ${error.message}`)));
    // not on `exit`: what it said last may not have been read by then
    child.on('close', (status) => this.#ended(whyEnded(status, words)));
    const hello = this.#send(child, { verb: 'hello', protocol: HELPER_PROTOCOL }, () => {});
    hello.catch(() => {}); // whoever asks is told
    return { child, hello: hello as Promise<HelperResponses['hello']> };
  }

  #spawn(): ChildProcess {
    const { runtime, script } = this.#options;
    if (isRoot()) {
      // nothing of our environment reaches it
      return spawn(runtime.program, [script, this.#mode], { env: { ...runtime.env }, stdio: 'pipe', cwd: '/' });
    }
    return spawn('/usr/bin/pkexec', ['--disable-internal-agent', LAUNCHER, this.#mode], { stdio: 'pipe', cwd: '/' });
  }

  #take(message: HelperMessage): void {
    const waiting = this.#waiting.get(message.id);
    if (message.type === 'step') {
      waiting?.onStep(message.step);
      return;
    }
    this.#waiting.delete(message.id);
    if (message.type === 'done') waiting?.resolve(message.value);
    else waiting?.reject(new HelperError(message.fault));
  }

  #ended(error: HelperError): void {
    this.#running = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}

/** @see pkexec(1), "Return value": 126 dismissed, 127 not authorised or an error */
function whyEnded(status: number | null, words: string): HelperError {
  const said = words.trim().split('\n').at(-1) ?? '';
  if (status === 126) return gone('the question for the password was dismissed', 'dismissed');
  if (status === 127) {
    // where there is no agent, pkexec would be one itself, if it had a terminal
    const isNoAgent = /No authentication agent found|Error creating textual authentication agent/i.test(words);
    const isRefused = /Not authorized/i.test(words);
    const why = isNoAgent
      ? 'no program that asks for passwords (a polkit agent) runs'
      : isRefused || said === ''
        ? 'polkit does not allow it'
        : said;
    return gone(`it was not authorised: ${why}`, isNoAgent ? 'no-agent' : 'not-authorised');
  }
  return gone(`the helper ended with ${status ?? 'a signal'}${said === '' ? '' : `: ${said}`}`);
}
