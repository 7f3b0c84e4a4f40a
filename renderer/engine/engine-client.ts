import { createBirpc } from 'birpc';
import type { EngineCall, EngineEvents, EngineRequest, EngineResponses } from '../../shared/contract/engine-calls.ts';
import type { Reply, WireError } from '../../shared/contract/values.ts';

/** What the engine's process offers over its port: one function, through which every call goes. */
interface EngineSide {
  call: (name: string, request: unknown) => Promise<Reply<unknown>>;
}

const gone: WireError = {
  code: 'engine-gone',
  message: 'The engine ended before it answered.',
  file: undefined,
  path: undefined,
  offset: undefined,
};

/** The window's end of the engine's port. A new port takes the place of the old one, whose calls fail as data. */
export class EngineClient {
  readonly #events: EngineEvents;
  #side: EngineSide | undefined;
  #close: (() => void) | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #pending = new Set<(reply: Reply<never>) => void>();

  constructor(events: EngineEvents) {
    this.#events = events;
  }

  /** Talks over this port from now on. */
  connect(port: MessagePort): void {
    this.disconnect();
    const rpc = createBirpc<EngineSide, EngineEvents>(this.#events, {
      post: (message) => port.postMessage(message),
      on: (listener) => {
        port.addEventListener('message', (event) => listener(event.data));
        port.start();
      },
      timeout: -1,
    });
    this.#side = { call: (name, request) => rpc.call(name, request) };
    this.#close = () => {
      rpc.$close();
      port.close();
    };
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** The engine is gone: what was asked of it is answered with an error. */
  disconnect(): void {
    this.#side = undefined;
    this.#close?.();
    this.#close = undefined;
    for (const settle of this.#pending) settle({ ok: false, error: gone });
    this.#pending.clear();
  }

  /** Asks the engine; waits for its port where there is none yet. Never rejects: errors are data. */
  async call<K extends EngineCall>(name: K, request: EngineRequest<K>): Promise<Reply<EngineResponses[K]>> {
    if (!this.#side) await new Promise<void>((wake) => this.#waiting.add(wake));
    const side = this.#side;
    if (!side) return { ok: false, error: gone };
    return new Promise<Reply<EngineResponses[K]>>((done) => {
      const settle = (reply: Reply<EngineResponses[K]>): void => {
        this.#pending.delete(settle);
        done(reply);
      };
      this.#pending.add(settle);
      side.call(name, request).then(
        (reply) => settle(reply as Reply<EngineResponses[K]>), // typed by the engine's own EngineHandlers
        (error: unknown) => settle({ ok: false, error: { ...gone, code: 'internal', message: String(error) } }),
      );
    });
  }
}
