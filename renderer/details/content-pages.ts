import { useEffect, useMemo, useReducer, useRef, useState } from 'react';
import type { ContentPart, ImageId, Reply, WireError } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';

const PAGE = 64 * 1024;
const MAX_PAGES = 32;

/** A file whose bytes are shown. */
export interface FileBytes {
  /** Another file has another one. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly load: (offset: number, length: number) => Promise<Reply<ContentPart>>;
}

/** The bytes of an entry of an open image. @param size in bytes */
export const bytesOf = (image: ImageId, entry: number, size: number): FileBytes => ({
  key: `image ${image} ${entry}`,
  size,
  load: (offset, length) => engine.call('content', { image, entry, offset, length }),
});

export interface ContentPages {
  /** Up to `length` bytes from an offset on that is a multiple of it; undefined: not there yet. */
  readonly at: (offset: number, length: number) => Uint8Array | undefined;
  readonly error: WireError | undefined;
}

/**
 * A file's bytes by page, those that are on the screen and some that were.
 *
 * @param file undefined: there is none
 * @param first offset of the first byte on the screen
 * @param last of the last
 */
export function useContentPages(file: FileBytes | undefined, first: number, last: number): ContentPages {
  const { key = '', size = 0 } = file ?? {};
  const load = useRef(file?.load);
  useEffect(() => {
    load.current = file?.load;
  });
  // another file has pages of its own
  const pages = useMemo(() => ({ of: key, map: new Map<number, Uint8Array | 'loading'>() }), [key]).map;
  const [failed, setFailed] = useState<{ readonly of: string; readonly error: WireError } | undefined>(undefined);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (size === 0) return;
    const end = Math.min(last, size - 1);
    for (let page = Math.floor(first / PAGE); page <= Math.floor(end / PAGE); page++) {
      if (pages.has(page)) continue;
      pages.set(page, 'loading');
      void load.current?.(page * PAGE, PAGE).then((reply) => {
        if (reply.ok) pages.set(page, reply.value.bytes);
        else setFailed({ of: key, error: reply.error });
        for (const old of pages.keys()) if (pages.size > MAX_PAGES && old !== page) pages.delete(old);
        redraw();
      });
    }
  }, [pages, key, size, first, last]);
  return {
    at: (offset, length) => {
      const page = pages.get(Math.floor(offset / PAGE));
      return page instanceof Uint8Array ? page.subarray(offset % PAGE, (offset % PAGE) + length) : undefined;
    },
    error: failed?.of === key ? failed.error : undefined,
  };
}

/** Bytes of a whole file, up to `most`; stops where a part is empty. @throws nothing: an error is an answer */
export async function loadBytes(file: FileBytes, most: number, step: number): Promise<Reply<Uint8Array<ArrayBuffer>>> {
  const end = Math.min(file.size, most);
  const bytes = new Uint8Array(end);
  let offset = 0;
  while (offset < end) {
    const reply = await file.load(offset, Math.min(step, end - offset));
    if (!reply.ok) return reply;
    if (reply.value.bytes.length === 0) break;
    bytes.set(reply.value.bytes.subarray(0, end - offset), offset);
    offset += reply.value.bytes.length;
  }
  return { ok: true, value: bytes.subarray(0, Math.min(offset, end)) };
}
