import * as z from 'zod';
import type { Reply } from './values.ts';
import { toWireError } from './wire-error.ts';

const refuse = (message: string): Reply<never> => ({
  ok: false,
  error: { code: 'invalid-request', message, file: undefined, path: undefined, offset: undefined },
});

/**
 * Checks one message by the schema of its call, then runs its handler. Main feeds it from `ipcMain`, the engine from its
 * MessagePort: neither trusts the page. Always fulfils; what goes wrong is in the reply.
 *
 * @param requests schema of each call's request; only its own properties are calls
 * @param handlers one for each of `requests`, given what its schema let through
 * @param onFault told of errors that are no error of the caller's (`internal`), with the cause as thrown
 */
export async function answer<K extends string>(
  requests: Readonly<Record<K, z.ZodType>>,
  handlers: Readonly<Record<K, (request: never) => unknown>>,
  name: unknown,
  raw: unknown,
  onFault: (name: K, cause: unknown) => void = () => {},
): Promise<Reply<unknown>> {
  const isCall = (value: unknown): value is K => typeof value === 'string' && Object.hasOwn(requests, value);
  if (!isCall(name)) return refuse('There is no such call.');
  const request = requests[name].safeParse(raw);
  if (!request.success) return refuse(`${name}: ${z.prettifyError(request.error)}`);
  try {
    const run = handlers[name] as (request: unknown) => unknown; // parsed above; TypeScript cannot tie it to `name`
    return { ok: true, value: await run(request.data) };
  } catch (cause) {
    const error = toWireError(cause);
    if (error.code === 'internal') onFault(name, cause);
    return { ok: false, error };
  }
}
