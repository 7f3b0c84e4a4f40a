import { useCallback, useEffect, useState } from 'react';
import type { AppCall, AppRequest, AppResponses } from '../../shared/contract/app-calls.ts';
import type { EngineCall, EngineRequest, EngineResponses } from '../../shared/contract/engine-calls.ts';
import type { Reply, WireError } from '../../shared/contract/values.ts';
import { engine } from './engine.ts';

export type Asked<T> =
  | { readonly status: 'loading'; readonly value: T | undefined }
  | { readonly status: 'ready'; readonly value: T }
  | { readonly status: 'failed'; readonly error: WireError; readonly value: undefined };

const LOADING = { status: 'loading', value: undefined } as const;

/**
 * Asks the engine whenever the request changes, and again when `version` does. While a new answer is on its way the
 * old one stays (nothing jumps), but a failure does not: it may be what is tried again. An answer to an older request is
 * dropped.
 *
 * @param request undefined: nothing to ask yet
 */
export function useCall<K extends EngineCall>(
  name: K,
  request: EngineRequest<K> | undefined,
  version = 0,
): Asked<EngineResponses[K]> {
  const call = useCallback((wanted: EngineRequest<K>) => engine.call(name, wanted), [name]);
  return useReply(call, request, version);
}

/** As `useCall`, of main. */
export function useAppCall<K extends AppCall>(
  name: K,
  request: AppRequest<K> | undefined,
  version = 0,
): Asked<AppResponses[K]> {
  const call = useCallback((wanted: AppRequest<K>) => window.composcope.call(name, wanted), [name]);
  return useReply(call, request, version);
}

function useReply<Request, Response>(
  call: (request: Request) => Promise<Reply<Response>>,
  request: Request | undefined,
  version: number,
): Asked<Response> {
  const key = request === undefined ? '' : JSON.stringify([request, version]);
  const [state, setState] = useState<{ readonly key: string; readonly asked: Asked<Response> }>({
    key,
    asked: LOADING,
  });
  useEffect(() => {
    if (key === '') return undefined;
    let isCurrent = true;
    // the key is the request: an object that is equal must not ask again
    const [wanted] = JSON.parse(key) as [Request];
    void call(wanted).then((reply) => {
      if (!isCurrent) return;
      const asked: Asked<Response> = reply.ok
        ? { status: 'ready', value: reply.value }
        : { status: 'failed', error: reply.error, value: undefined };
      setState({ key, asked });
    });
    return () => {
      isCurrent = false;
    };
  }, [call, key]);
  return state.asked.status === 'failed' && state.key !== key ? LOADING : state.asked;
}
