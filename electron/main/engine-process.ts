import { MessageChannelMain, utilityProcess } from 'electron';
import type { UtilityProcess, WebContents } from 'electron';
import { channels } from '../../shared/contract/channels.ts';
import { WINDOW_PORT } from '../../shared/contract/engine-service.ts';
import type {
  ServiceCall,
  ServiceReply,
  ServiceRequest,
  ServiceResponses,
} from '../../shared/contract/engine-service.ts';
import type { Reply, WireError } from '../../shared/contract/values.ts';
import { DeathCounter } from './death-counter.ts';

/** Of V8's heap, in MB: the tables are outside of it, and 4 GB is all that pointer compression can address. */
const ENGINE_HEAP_MB = 4096;

interface Running {
  readonly process: UtilityProcess;
  /** Calls that wait for an answer, by id. */
  readonly waiting: Map<number, (reply: Reply<unknown>) => void>;
}

/** The life of the engine: started, connected to the page, started again when it dies. */
export class EngineProcess {
  readonly #modulePath: string;
  readonly #deaths = new DeathCounter();
  #running: Running | undefined;
  #page: WebContents | undefined;
  #restart: NodeJS.Timeout | undefined;
  #nextId = 0;
  #stopped = false;

  /** @param modulePath the engine's bundle */
  constructor(modulePath: string) {
    this.#modulePath = modulePath;
  }

  /** Starts it, unless it runs already. The app must be ready. */
  start(): void {
    clearTimeout(this.#restart);
    if (this.#running !== undefined || this.#stopped) return;
    const process = utilityProcess.fork(this.#modulePath, [], {
      serviceName: 'Composcope Engine',
      execArgv: [`--max-old-space-size=${ENGINE_HEAP_MB}`],
    });
    const running: Running = { process, waiting: new Map() };
    this.#running = running;
    process.on('message', (message: ServiceReply) => {
      running.waiting.get(message.id)?.(message.reply);
      running.waiting.delete(message.id);
    });
    process.on('exit', (code) => this.#gone(running, code));
    if (this.#page !== undefined) this.connect(this.#page);
  }

  /** Gives the page a port of its own. To be called each time that a page was loaded: the port before is gone with it. */
  connect(page: WebContents): void {
    this.#page = page;
    if (this.#running === undefined || page.isDestroyed()) return;
    const { port1, port2 } = new MessageChannelMain();
    this.#running.process.postMessage({ type: WINDOW_PORT }, [port1]);
    page.postMessage(channels.enginePort, undefined, [port2]);
  }

  /** Kills it where it runs, and starts it, whatever happened before. */
  restart(): void {
    this.#deaths.forget();
    const { process } = this.#running ?? {};
    if (process === undefined) this.start();
    else process.kill(); // its exit starts the next
  }

  /** Ends it for good. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#restart);
    this.#running?.process.kill();
  }

  /** Always fulfils: an engine that is gone, or goes meanwhile, is an error in the reply. */
  async call<K extends ServiceCall>(name: K, request: ServiceRequest<K>): Promise<Reply<ServiceResponses[K]>> {
    const running = this.#running;
    if (running === undefined) return { ok: false, error: engineGone };
    const id = this.#nextId++;
    const reply = await new Promise<Reply<unknown>>((resolve) => {
      running.waiting.set(id, resolve);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process, not a window
      running.process.postMessage({ type: 'call', id, name, request });
    });
    return reply as Reply<ServiceResponses[K]>; // the engine's handler of `name` is typed by the same table
  }

  #gone(running: Running, code: number): void {
    this.#running = undefined;
    for (const answer of running.waiting.values()) answer({ ok: false, error: engineGone });
    if (this.#stopped) return;
    const delay = this.#deaths.died(performance.now());
    const ended = `The engine ended (${describeExit(code)})`;
    const why =
      delay === undefined
        ? `${ended} for the fifth time within a minute, and is not started again by itself.`
        : `${ended}. It is started again, and what was open is opened again.`;
    console.error(why);
    if (this.#page?.isDestroyed() === false) this.#page.send(channels.engineGone, why);
    if (delay !== undefined) this.#restart = setTimeout(() => this.start(), delay);
  }
}

const engineGone: WireError = {
  code: 'engine-gone',
  message: 'The engine ended before it answered.',
  file: undefined,
  path: undefined,
  offset: undefined,
};

/** Signals that say something, by what Electron gives as exit code of a process that one of them ended (POSIX). */
const signals: Readonly<Record<number, string>> = {
  5: 'SIGTRAP, as when it runs out of memory',
  6: 'SIGABRT, as when it runs out of memory',
  9: 'SIGKILL: from outside',
  11: 'SIGSEGV: it crashed',
  15: 'SIGTERM: from outside',
};

const describeExit = (code: number): string => signals[code] ?? `exit status ${code}`;
