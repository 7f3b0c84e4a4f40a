import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { objectName, TWO_DIGITS } from '../../../shared/store/recognise.ts';
import type { VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import type { StoreFound } from '../stores/store-found.ts';
import { storeError } from '../stores/store-error.ts';
import { answerWithin } from '../stores/answer-within.ts';
import type { Measure } from './hash-task.ts';
import type { VerifySource, Want } from './targets.ts';
import type { Verdict } from './verify-run.ts';

/** Names of a store that are listed: its digests alone would fill 100 MB. */
const MAX_OBJECTS = 1 << 22;
/** For one folder. */
const PATIENCE_MS = 30_000;

/** Files of a store that lie where objects lie. */
export interface StoreListing {
  /** Paths below the data root, ASCII, sorted. */
  readonly names: readonly string[];
  /** Left out, since there are more than anybody checks. */
  readonly omitted: number;
}

/**
 * Lists what lies in a store's two-digit folders under an object's name.
 * @throws StoreError where the data root or a folder cannot be listed; the signal's reason
 */
export async function listObjects(dataRoot: string, signal?: AbortSignal): Promise<StoreListing> {
  const names: string[] = [];
  let omitted = 0;
  const entries = async (path: string): Promise<readonly string[]> => {
    signal?.throwIfAborted();
    try {
      return await answerWithin(PATIENCE_MS, path, async () => {
        const found: string[] = [];
        for await (const { name } of await opendir(path, { bufferSize: 1024 })) found.push(name);
        return found.toSorted();
      });
    } catch (error) {
      throw storeError(error, path);
    }
  };
  for (const folder of await entries(dataRoot)) {
    if (!TWO_DIGITS.test(folder)) continue;
    for (const name of await entries(join(dataRoot, folder))) {
      const kind = objectName(name);
      if (kind === undefined || kind === 'ostree-metadata' || kind === 'ostree-filez') continue;
      if (names.length < MAX_OBJECTS) names.push(`${folder}/${name}`);
      else omitted += 1;
    }
  }
  return { names, omitted };
}

/**
 * The objects of a store as something to verify by their names: an fs-verity digest (mkcomposefs, composefs-rs) or the
 * SHA-256 of the content (containers-storage). ostree's names cover owner, mode and xattrs too: only images can tell.
 */
export function storeSource(
  { kind }: Pick<StoreFound, 'kind'>,
  { names }: StoreListing,
  note: (name: string, want: Want, verdict: Verdict) => void,
): VerifySource<Verdict> {
  return {
    count: names.length,
    redirect: (object) => names[object] ?? '',
    measure: (object) => measureOf(names[object] ?? '', kind),
    size: () => undefined,
    want: (object) => wantOf(names[object] ?? '', kind),
    note: (object, verdict, want) => note(names[object] ?? '', want, verdict),
  };
}

/** Length of `aa/` and 126 digits. */
const SHA512_NAME = 129;

// `listObjects` let only these through: 62 or 126 digits behind two, or 62 and `.file`
const algorithmOf = (name: string): VerityAlgorithm => (name.length > SHA512_NAME - 1 ? 'sha512' : 'sha256');

function measureOf(name: string, kind: StoreFound['kind']): Measure {
  const algorithm = algorithmOf(name);
  return kind === 'containers-storage' ? algorithm : `verity-${algorithm}`;
}

function wantOf(name: string, kind: StoreFound['kind']): Want {
  const digest = name.endsWith('.file') ? undefined : digestOf(name);
  return { size: undefined, algorithm: algorithmOf(name), digest, measure: measureOf(name, kind) };
}

/** The digest in `aa/bbbb…`. By hand, since it is asked for several times an object and Buffer costs four times as much. */
function digestOf(name: string): Uint8Array {
  const digest = new Uint8Array((name.length - 1) >> 1);
  for (let index = 0; index < digest.length; index += 1) {
    const at = index === 0 ? 0 : 2 * index + 1;
    digest[index] = (digitOf(name.charCodeAt(at)) << 4) | digitOf(name.charCodeAt(at + 1));
  }
  return digest;
}

/** Of a lower-case hexadecimal digit: `listObjects` lets no others through. */
const digitOf = (letter: number): number => (letter < 0x61 ? letter - 0x30 : letter - 0x57);
