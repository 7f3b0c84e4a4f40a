import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerityStatus } from '../../../shared/contract/status.ts';
import type { GoodCopy } from '../../../shared/contract/verify-values.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import type {
  ContentFacts,
  Evidence,
  ExpectedObject,
  FoundFile,
  ImageSurvey,
  NamedObject,
  OtherParameters,
  ReadBlock,
  ReadFailure,
  Seal,
} from '../../../shared/verity/explain/evidence.ts';
import { namesOf } from '../../../shared/verity/explain/rules/other-layout.ts';
import { VerityDigester } from '../../../shared/verity/fs-verity.ts';
import type { AttachedStore } from '../attached-store.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { kindAt } from '../stores/folder-listing.ts';
import { openObject, readObject, readObjectRange } from '../stores/object-content.ts';
import { ObjectResolver, type FoundObject } from '../stores/object-resolver.ts';
import { StoreError } from '../stores/store-error.ts';
import { kernelHasVerity, measureVerity, readDescriptor } from '../../kernel/verity-ioctl.ts';
import { measureBlocks, measureContent } from './measure-content.ts';

export interface EvidenceRequest {
  readonly status: VerityStatus;
  readonly expected: ExpectedObject;
  /** Path below the data roots as the image has it. */
  readonly redirect: Uint8Array;
  /** In the order of search. */
  readonly stores: readonly AttachedStore[];
  /** Redirects of objects in open images that have the expected digest too: the same content under other names. */
  readonly twins: readonly Uint8Array[];
  readonly objectsOfDigest: (digest: string) => readonly NamedObject[];
  readonly survey: ImageSurvey | undefined;
  /** Bytes up to which the object is read at all, and is read again. */
  readonly readLimit: number;
  readonly passLimit: number;
  readonly signal?: AbortSignal | undefined;
}

/** What one look at one bad object can find out. Each costly thing is done at most once. */
export async function gatherEvidence(request: EvidenceRequest): Promise<Evidence> {
  const { status, expected, redirect, stores, signal } = request;
  const roots = stores.map(({ found }) => found.dataRoot);
  const resolver = new ObjectResolver(roots);
  const resolution = await resolver.resolve(redirect, signal);
  const object = resolution.found ? resolution : undefined;
  const found = object && (await describeFile(object));
  let failure: ReadFailure | undefined;

  const chunks = async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    if (object === undefined) return;
    let offset = 0;
    try {
      for await (const chunk of readObject(object, signal)) {
        yield chunk;
        offset += chunk.length;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof StoreError)) throw error;
      failure = { errno: error.code, offset };
      throw error;
    }
  };
  /** What reading cannot do is said by `readFailure`; there is no answer then. */
  const reading = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    if (object === undefined || failure !== undefined) return undefined;
    try {
      return await work();
    } catch (error) {
      if (failure !== undefined) return undefined;
      throw error;
    }
  };
  const readBlock: ReadBlock = async (offset, length) =>
    object === undefined ? new Uint8Array(0) : (await readObjectRange(object, offset, length)).bytes;

  const content = once(() =>
    (object?.size ?? 0) > request.readLimit
      ? Promise.resolve(undefined)
      : reading<ContentFacts>(() => measureContent(chunks(), expected, object?.size ?? 0)),
  );
  const goodCopy = once(() => findGoodCopy(request, object, expected.size));
  const goodHashes = once(async () => {
    const copy = await goodCopy();
    return copy && measureBlocks(readObject(copy.object, signal), expected.algorithm);
  });
  return {
    status,
    expected,
    found,
    errno: resolution.found ? resolution.denied : resolution.errno,
    reason: resolution.found ? undefined : resolution.reason,
    content,
    readFailure: () => failure,
    measureChanged: (change, limit) => reading(() => measureChanged(change(chunks()), expected, limit)),
    measureWith: (parameters) => reading(() => measureWith(chunks(), parameters)),
    passLimit: request.passLimit,
    objectsOfDigest: request.objectsOfDigest,
    goodCopy,
    goodHashes,
    readBlock,
    existing: (names) => existing(names, stores),
    survey: request.survey,
  };
}

/** Runs work the first time that it is asked for. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => (result ??= work());
}

async function describeFile(object: FoundObject): Promise<FoundFile> {
  return { path: object.path.toString(), size: object.size, mtimeMs: object.mtimeMs, seal: await sealOf(object) };
}

/** The seal of a file that may be opened; undefined also where the kernel has no fs-verity. */
async function sealOf(object: FoundObject): Promise<Seal | undefined> {
  if (object.denied !== undefined || !kernelHasVerity()) return undefined;
  let file;
  try {
    file = await openObject(object);
  } catch (error) {
    if (error instanceof StoreError) return undefined; // that it cannot be opened is told by reading it
    throw error;
  }
  try {
    const measured = measureVerity(file.fd);
    if ('errno' in measured) return undefined;
    const descriptor = readDescriptor(file.fd);
    return {
      algorithm: measured.algorithm,
      digest: hexOfBytes(measured.digest),
      blockSize: descriptor?.blockSize,
      salt: descriptor && hexOfBytes(descriptor.salt),
    };
  } finally {
    await file.close();
  }
}

async function measureChanged(
  chunks: AsyncIterable<Uint8Array>,
  { algorithm }: ExpectedObject,
  limit: number,
): Promise<string | undefined> {
  const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limit) return undefined;
    digester.update(chunk);
  }
  return hexOfBytes(digester.digest());
}

async function measureWith(
  chunks: AsyncIterable<Uint8Array>,
  parameters: readonly OtherParameters[],
): Promise<readonly string[]> {
  const digesters = parameters.map(
    ({ algorithm, blockSize, salt }) =>
      new VerityDigester({ algorithm, hash: nativeHash(algorithm), blockSize, salt: Buffer.from(salt, 'hex') }),
  );
  for await (const chunk of chunks) for (const digester of digesters) digester.update(chunk);
  return digesters.map((digester) => hexOfBytes(digester.digest()));
}

export interface FoundCopy extends GoodCopy {
  readonly object: FoundObject;
  readonly readBlock: ReadBlock;
}

/**
 * Looks in each store by the object's own path, by the paths of its twins, and by names that the digest gives.
 * @param size bytes that it must have; undefined: nobody says
 */
export async function findGoodCopy(
  {
    expected,
    redirect,
    twins,
    stores,
    signal,
  }: Pick<EvidenceRequest, 'redirect' | 'twins' | 'stores' | 'signal'> & {
    readonly expected: Omit<ExpectedObject, 'size'>;
  },
  bad: Pick<FoundObject, 'dev' | 'ino'> | undefined,
  size: number | undefined,
): Promise<FoundCopy | undefined> {
  const { digest } = expected;
  if (digest === undefined) return undefined;
  const names: Uint8Array[] = [redirect, ...twins];
  names.push(Buffer.from(`${digest.slice(0, 2)}/${digest.slice(2)}`));
  for (const name of namesOf(expected.redirect, digest)) names.push(Buffer.from(name));
  for (const [index, { found }] of stores.entries()) {
    const alone = new ObjectResolver([found.dataRoot]);
    for (const name of names) {
      const object = await alone.resolve(name, signal);
      if (!object.found || object.denied !== undefined || (size !== undefined && object.size !== size)) continue;
      if (bad !== undefined && object.dev === bad.dev && object.ino === bad.ino) continue;
      const copy = { ...object, root: index };
      if (!(await isOfDigest(copy, expected, signal))) continue;
      return {
        path: object.path.toString(),
        where: `store “${found.dataRoot.split('/').slice(-2).join('/')}”`,
        object: copy,
        readBlock: async (offset, length) => (await readObjectRange(copy, offset, length)).bytes,
      };
    }
  }
  return undefined;
}

/** Whether an object's content has the expected digest; one that cannot be read has not. @throws the signal's reason */
export async function isOfDigest(
  object: FoundObject,
  { algorithm, digest }: Pick<ExpectedObject, 'algorithm' | 'digest'>,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const expected = { algorithm, digest, size: object.size, redirect: '' };
    return (await measureChanged(readObject(object, signal), expected, Number.POSITIVE_INFINITY)) === digest;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StoreError) return false;
    throw error;
  }
}

/** Which of some names below the data roots exist, as anything. Names that lead out of a root are left out. */
async function existing(
  names: readonly string[],
  stores: readonly AttachedStore[],
): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const found: { name: string; path: string }[] = [];
  for (const { found: store } of stores) {
    for (const name of names) {
      if (name.split('/').includes('..') || name.includes('\0')) continue;
      const path = join(store.dataRoot, name);
      if ((await kindAt(path)) !== undefined) found.push({ name, path });
    }
  }
  return found;
}

/** Milliseconds since 1970 of an image's file; 0 where it is gone. */
export async function mtimeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return 0;
  }
}
