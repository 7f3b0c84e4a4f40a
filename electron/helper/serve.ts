import * as z from 'zod';
import { FrameError, FrameReader, writeFrame } from '../../shared/contract/frames.ts';
import { HelperRequest } from '../../shared/contract/helper.ts';
import type { HelperFault, HelperMessage, HelperMode, HelperResponses } from '../../shared/contract/helper.ts';
import { HELPER_PROTOCOL, MAX_HELPER_REQUEST } from '../../shared/contract/limits.ts';
import { liveMounts } from '../kernel/live-mounts.ts';
import type { Caller } from './caller.ts';
import { Fault } from './fault.ts';
import { findLeftovers } from './leftovers.ts';
import { mount, MountFailed } from './mount.ts';
import { probe } from './probe.ts';
import { errnoOf } from './trace.ts';
import { unmount } from './unmount.ts';
import { enableVerityOf, measureOf } from './verity-verbs.ts';

/** A request, with the number that its answers bear. */
const Envelope = z.strictObject({ id: z.int().min(0), request: z.unknown() });

export interface Session {
  readonly caller: Caller;
  readonly mode: HelperMode;
  /** Takes a message for the other side, whole. */
  readonly send: (frame: Uint8Array) => void;
}

/** Answers requests, one after the other, until the other side sends what is no message at all. */
export class Server {
  readonly #session: Session;
  readonly #reader = new FrameReader(MAX_HELPER_REQUEST);
  #greeted = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Takes bytes as they come. @returns false: what follows cannot be understood any more, and the helper is to end */
  push(bytes: Uint8Array): boolean {
    try {
      for (const message of this.#reader.push(bytes)) this.#answer(message);
      return true;
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#send({ id: 0, type: 'failed', fault: toFault(new Fault('invalid-request', error.message)) });
      return false;
    }
  }

  #answer(message: Uint8Array): void {
    let id = 0;
    try {
      const envelope = Envelope.safeParse(parseJson(message));
      if (!envelope.success) throw new Fault('invalid-request', `no request: ${z.prettifyError(envelope.error)}`);
      ({ id } = envelope.data);
      const request = HelperRequest.safeParse(envelope.data.request);
      if (!request.success) throw new Fault('invalid-request', z.prettifyError(request.error));
      const value = this.#do(request.data, id);
      this.#send({ id, type: 'done', value });
    } catch (error) {
      this.#send({ id, type: 'failed', fault: toFault(error) });
    }
  }

  #do(request: HelperRequest, id: number): HelperResponses[HelperRequest['verb']] {
    const { caller, mode } = this.#session;
    if (request.verb === 'hello') {
      if (this.#greeted) throw new Fault('out-of-order', 'hello was said before');
      if (request.protocol !== HELPER_PROTOCOL) {
        throw new Fault('invalid-request', `the helper speaks protocol ${HELPER_PROTOCOL}, not ${request.protocol}`);
      }
      this.#greeted = true;
      return { protocol: HELPER_PROTOCOL, mode, caller: caller.uid, leftovers: findLeftovers() };
    }
    if (!this.#greeted) throw new Fault('out-of-order', 'hello comes first');
    switch (request.verb) {
      case 'preflight':
        return probe();
      case 'mount':
        return mount(request, { caller, mode, tell: (step) => this.#send({ id, type: 'step', step }) });
      case 'unmount':
        unmount(request.what, { caller, mode });
        return {};
      case 'list':
        return { mounts: liveMounts(), leftovers: findLeftovers() };
      case 'measure':
        return measureOf(caller, request.path);
      case 'enable-verity':
        return enableVerityOf(caller, request.path, request.algorithm);
    }
  }

  #send(message: HelperMessage): void {
    this.#session.send(writeFrame(Buffer.from(JSON.stringify(message))));
  }
}

function parseJson(message: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(message));
  } catch {
    throw new Fault('invalid-request', 'the message is not JSON');
  }
}

function toFault(error: unknown): HelperFault {
  if (error instanceof MountFailed) return { ...toFault(error.cause), steps: error.steps };
  const errno = errnoOf(error);
  if (error instanceof Fault) {
    const { code, message, reason, path } = error;
    return { code, message, reason, path, errno: error.errno ?? errno, steps: [] };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: errno === undefined ? 'internal' : 'failed',
    message,
    reason: undefined,
    path: undefined,
    errno,
    steps: [],
  };
}
