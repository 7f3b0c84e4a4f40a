import { createBirpc } from 'birpc';
import * as z from 'zod';
import { answer } from '../../shared/contract/answer.ts';
import { engineRequests } from '../../shared/contract/engine-calls.ts';
import type { EngineEvents, EngineHandlers } from '../../shared/contract/engine-calls.ts';
import type { Reply } from '../../shared/contract/values.ts';

/** The engine's end of a channel to a page, whatever carries it. */
export interface Channel {
  readonly post: (message: unknown) => void;
  /** Tells of each message, as it was sent. */
  readonly listen: (listener: (message: unknown) => void) => void;
  readonly close: () => void;
}

/** The one function that the page can call: every call goes through it, with the request as it came. */
export interface EngineSide {
  call: (name: unknown, request: unknown) => Promise<Reply<unknown>>;
}

/** The shape of birpc's requests, and nothing else that it would understand: what does not fit is dropped. */
const CallMessage = z.object({
  t: z.literal('q'),
  i: z.string().max(64),
  m: z.literal('call'),
  a: z.tuple([z.unknown(), z.unknown()]),
});

export interface Connection {
  readonly events: EngineEvents;
  readonly close: () => void;
}

/**
 * Answers a page's calls over a channel, and carries events to it. Each request is parsed by its schema; every answer is
 * a `Reply` as data. A page that sends nonsense gets no answer to it, and does no harm.
 */
export function servePage(channel: Channel, handlers: EngineHandlers): Connection {
  const side: EngineSide = {
    call: (name, request) =>
      answer(engineRequests, handlers, name, request, (call, cause) => console.error(`engine: ${call}:`, cause)),
  };
  let hasDropped = false;
  const page = createBirpc<EngineEvents, EngineSide>(side, {
    post: (message) => channel.post(message),
    on: (listener) =>
      channel.listen((message) => {
        const call = CallMessage.safeParse(message);
        if (call.success) listener(call.data);
        else if (!hasDropped) {
          hasDropped = true; // once: it may send thousands
          console.error('engine: dropped a message from the window that is no call');
        }
      }),
    eventNames: [
      'imageChanged',
      'storesChanged',
      'rowsChanged',
      'viewChanged',
      'job',
      'verifyChanged',
      'problemsChanged',
    ],
    timeout: -1,
  });
  const send =
    <K extends keyof EngineEvents>(name: K) =>
    (...values: Parameters<EngineEvents[K]>): void => {
      if (page.$closed) return;
      void page.$callEvent(name, ...values).catch((cause: unknown) => console.error(`engine: ${name}:`, cause));
    };
  return {
    events: {
      imageChanged: send('imageChanged'),
      storesChanged: send('storesChanged'),
      rowsChanged: send('rowsChanged'),
      viewChanged: send('viewChanged'),
      job: send('job'),
      verifyChanged: send('verifyChanged'),
      problemsChanged: send('problemsChanged'),
    },
    close: () => {
      page.$close();
      channel.close();
    },
  };
}
