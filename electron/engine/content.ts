import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { ContentPart } from '../../shared/contract/values.ts';
import { CallError } from '../../shared/contract/wire-error.ts';
import type { Content } from '../../shared/tree/image.ts';
import { displayBytes } from '../../shared/tree/text.ts';
import { contentTypeOf, SNIFF_BYTES } from './content-type.ts';
import type { ImageSession } from './image-session.ts';
import { readObject, readObjectRange } from './stores/object-content.ts';
import { ObjectResolver } from './stores/object-resolver.ts';
import type { FoundObject } from './stores/object-resolver.ts';

/** Bytes of one piece when a whole content is read from the image. */
const CHUNK = 1 << 20;

/** The content of one file, wherever its bytes are. */
export interface ContentSource {
  /** Bytes of the whole content: of an object its own size, whatever the image says. */
  readonly size: number;
  /** Fewer bytes come where the content ends before. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array>;
  /** From first to last byte. */
  readonly all: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
}

/**
 * Finds the content of an entry: in the image, or through the stores.
 *
 * @param dataRoots of the stores, in the order of search
 * @throws CallError `unavailable`, or the errno of what is in the way of the object; ImageError; StoreError
 */
export async function findContent(
  session: ImageSession,
  entry: number,
  dataRoots: readonly string[],
): Promise<ContentSource> {
  const { image, path } = session;
  const content = image.content(entry);
  switch (content.kind) {
    case 'empty':
      return inlineSource(image.table.bytes, []);
    case 'inline':
      return inlineSource(image.table.bytes, content.extents);
    case 'object':
      return findInStores(session, entry, content.redirect, dataRoots);
    case 'unavailable': {
      const file = session.fileOf(entry);
      if (file === undefined) throw new CallError('unavailable', content.why, { file: path });
      return fileSource(file);
    }
  }
}

/** Errors that say that no store has an object. */
const NOT_IN_A_STORE: ReadonlySet<string> = new Set(['no-store', 'ENOENT']);

/** What a mount reads is the object; where no store has it, a layer that is a tar still has the bytes. */
async function findInStores(
  session: ImageSession,
  entry: number,
  redirect: Uint8Array | undefined,
  dataRoots: readonly string[],
): Promise<ContentSource> {
  try {
    return objectSource(await findObject(redirect, dataRoots));
  } catch (error) {
    const own = session.layerContentOf(entry);
    if (own === undefined || !(error instanceof CallError) || !NOT_IN_A_STORE.has(error.code)) throw error;
    return own;
  }
}

/** A file of a layer that is a directory, as it is now. @throws CallError, errno errors */
async function fileSource(path: Uint8Array): Promise<ContentSource> {
  const name = Buffer.from(path);
  const file = displayBytes(path);
  // between looking and opening it may become another: a FIFO or a device must not be waited for
  const openFile = async (): Promise<FileHandle> => {
    const handle = await open(name, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    throw new CallError('not-a-file', 'It is no regular file any more.', { file });
  };
  const handle = await openFile();
  const { size } = await handle.stat();
  await handle.close();
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    const source = await openFile();
    try {
      const part = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
      const { bytesRead } = await source.read(part, 0, part.length, offset);
      return part.subarray(0, bytesRead);
    } finally {
      await source.close();
    }
  };
  return {
    size,
    read,
    all: async function* all(signal) {
      for (let offset = 0; offset < size; offset += CHUNK) {
        signal.throwIfAborted();
        yield await read(offset, CHUNK);
      }
    },
  };
}

async function findObject(redirect: Uint8Array | undefined, dataRoots: readonly string[]): Promise<FoundObject> {
  if (redirect === undefined) throw new CallError('unavailable', 'The image does not say where the content is.');
  if (dataRoots.length === 0) {
    throw new CallError('no-store', 'The content is in an object of a store, and no store is attached.');
  }
  const found = await new ObjectResolver(dataRoots).resolve(redirect);
  if (found.found) return found;
  const file = found.path?.toString();
  throw new CallError(found.errno, `${found.reason}.`, file === undefined ? {} : { file });
}

type Extents = Extract<Content, { kind: 'inline' }>['extents'];

function inlineSource(bytes: Uint8Array, extents: Extents): ContentSource {
  const size = extents.reduce((sum, extent) => sum + extent.length, 0);
  const read = (offset: number, length: number): Uint8Array => copyRange(bytes, extents, offset, length, size);
  return {
    size,
    read: async (offset, length) => read(offset, length),
    all: async function* all(signal) {
      for (let offset = 0; offset < size; offset += CHUNK) {
        signal.throwIfAborted();
        yield read(offset, CHUNK);
      }
    },
  };
}

/** Copies what of the extents lies in a range; holes are zeros. */
function copyRange(bytes: Uint8Array, extents: Extents, offset: number, length: number, size: number): Uint8Array {
  const part = new Uint8Array(Math.max(0, Math.min(length, size - offset)));
  let at = 0;
  for (const extent of extents) {
    const from = Math.max(offset, at);
    const to = Math.min(offset + part.length, at + extent.length);
    if (from < to && extent.offset !== undefined) {
      const source = extent.offset + (from - at);
      part.set(bytes.subarray(source, source + (to - from)), from - offset);
    }
    at += extent.length;
    if (at >= offset + part.length) break;
  }
  return part;
}

const objectSource = (object: FoundObject): ContentSource => ({
  size: object.size,
  read: async (offset, length) => (await readObjectRange(object, offset, length)).bytes,
  all: (signal) => readObject(object, signal),
});

/** A part of an entry's content, and the type of the whole. @throws as `findContent` */
export async function readContent(
  session: ImageSession,
  entry: number,
  dataRoots: readonly string[],
  offset: number,
  length: number,
): Promise<ContentPart> {
  const source = await findContent(session, entry, dataRoots);
  const bytes = await source.read(offset, length);
  const isHead = offset === 0 && bytes.length >= Math.min(SNIFF_BYTES, source.size);
  const head = isHead ? bytes.subarray(0, SNIFF_BYTES) : await source.read(0, SNIFF_BYTES);
  return { bytes, offset, size: source.size, type: contentTypeOf(head, head.length === source.size) };
}
