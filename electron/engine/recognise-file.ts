import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { constants, createGunzip } from 'node:zlib';
import { HEAD_BYTES, recogniseBytes, type FileKind } from '../../shared/store/recognise-bytes.ts';
import { recogniseLayerSource } from './layers/oci-image.ts';
import { isPublication, MANIFEST } from './publish/manifest-file.ts';
import { answerWithin } from './stores/answer-within.ts';
import { kindAt, readHead } from './stores/folder-listing.ts';
import { openStore } from './stores/open-store.ts';
import type { StoreFound } from './stores/store-found.ts';
import { StoreError, storeError } from './stores/store-error.ts';

/** What to do with something that was dropped, or named on the command line. */
export type Recognised =
  /** An image that can be opened; `format` says how its first bytes look. */
  | { readonly kind: 'image'; readonly format: 'composefs' | 'erofs' | 'cfs' | 'dump'; readonly sentence: string }
  /** A folder that is a store, or holds some, maybe with images. */
  | { readonly kind: 'store'; readonly stores: readonly StoreFound[]; readonly sentence: string }
  /** A folder of no known layout: it can be attached as a plain store, and may hold images. */
  | { readonly kind: 'directory'; readonly stores: readonly StoreFound[]; readonly sentence: string }
  /** A folder that was published, by itself or by its manifest. */
  | { readonly kind: 'publication'; readonly folder: string; readonly sentence: string }
  /** What can be a layer, or holds some: a tar, an OCI layout or archive. */
  | { readonly kind: 'layers'; readonly sentence: string }
  /** Known for what it is, but not to be opened (yet): `sentence` says so and what to do instead. */
  | {
      readonly kind: 'gzip' | 'zstd' | 'splitstream' | 'empty' | 'unknown';
      readonly sentence: string;
    };

const PATIENCE_MS = 10_000;

type Unopened = Exclude<Recognised['kind'], 'image' | 'layers' | 'store' | 'directory' | 'publication'>;

const notOpened: Readonly<Record<Exclude<FileKind, keyof typeof images | 'tar'>, readonly [Unopened, string]>> = {
  'cfs-first': [
    'unknown',
    'This is a composefs image of the first kernel series (November 2022 to January 2023), which is not supported.',
  ],
  gzip: ['gzip', 'This is compressed with gzip. Decompress it with `gunzip` and open what comes out.'],
  zstd: ['zstd', 'This is compressed with zstd. Decompress it with `unzstd` and open what comes out.'],
  xz: ['unknown', 'This is compressed with xz. Decompress it with `unxz` and open what comes out.'],
  bzip2: ['unknown', 'This is compressed with bzip2. Decompress it with `bunzip2` and open what comes out.'],
  splitstream: [
    'splitstream',
    'This is a splitstream, in which composefs-rs keeps an OCI layer or manifest; it is no image. Open the repository that it lies in.',
  ],
  empty: ['empty', 'This file is empty.'],
  unknown: [
    'unknown',
    'This is no composefs image: it starts neither with a composefs header (9a 62 78 d0) nor has it an EROFS superblock at offset 1024.',
  ],
};

const images = {
  composefs: 'A composefs image.',
  erofs: 'An EROFS image without a composefs header.',
  cfs: 'A composefs image in the native format of 2023, which no kernel mounts.',
  dump: 'A composefs dump, the text that images are made of.',
} as const satisfies Partial<Record<FileKind, string>>;

const isImage = (kind: FileKind): kind is keyof typeof images => Object.hasOwn(images, kind);

const layers = { kind: 'layers', sentence: 'A tar archive: a layer, or a container image.' } as const;
const mayHoldTar: ReadonlySet<FileKind> = new Set(['gzip', 'zstd', 'unknown']);

/**
 * Tells what lies at a path by its content, not by its name. A symlink is followed, as the user meant what it leads to.
 *
 * @throws StoreError: not there, no permission, not a file or folder, `ETIMEDOUT`
 */
export async function recogniseFile(path: string): Promise<Recognised> {
  const stats = await answerWithin(PATIENCE_MS, path, async () => {
    try {
      return await stat(path);
    } catch (error) {
      throw storeError(error, path);
    }
  });
  if (stats.isDirectory()) return recogniseDirectory(path);
  if (!stats.isFile()) {
    throw new StoreError('ENXIO', path, `${path} is a device, a FIFO or a socket, and no image`);
  }
  if (basename(path) === MANIFEST && (await isPublication(dirname(path)))) return publication(dirname(path));
  const head = await answerWithin(PATIENCE_MS, path, () => readHead(path, HEAD_BYTES, { follow: true }));
  const kind = recogniseBytes(head ?? new Uint8Array());
  if (isImage(kind)) {
    return { kind: 'image', format: kind, sentence: images[kind] };
  }
  if (kind === 'tar') return layers;
  // of what is compressed, and of tars without a magic number, only what is inside tells
  if (mayHoldTar.has(kind) && (await recogniseLayerSource(path)) !== undefined) return layers;
  const [what, sentence] = notOpened[kind];
  const inside = kind === 'gzip' && head !== undefined ? await insideGzip(head) : undefined;
  return { kind: what, sentence: inside === undefined ? sentence : `${sentence} ${inside}` };
}

const publication = (folder: string): Recognised => ({ kind: 'publication', folder, sentence: 'Published images.' });

async function recogniseDirectory(path: string): Promise<Recognised> {
  const [layout, index, blobs] = await answerWithin(PATIENCE_MS, path, () =>
    Promise.all(['oci-layout', 'index.json', 'blobs'].map((name) => kindAt(join(path, name)))),
  );
  if (layout === 'file' && index === 'file' && blobs === 'directory') {
    return { kind: 'layers', sentence: 'An OCI image layout.' };
  }
  if (await answerWithin(PATIENCE_MS, path, () => isPublication(path))) return publication(path);
  const stores = await openStore(path);
  const [first] = stores;
  if (first?.certain === true) return { kind: 'store', stores, sentence: `${first.title}.` };
  return { kind: 'directory', stores, sentence: 'A folder of no known layout.' };
}

/** What a gzip file holds, told from its first bytes; a bomb gives no more than the first of them. */
function insideGzip(head: Uint8Array): Promise<string | undefined> {
  return new Promise((resolve) => {
    const gunzip = createGunzip({ chunkSize: HEAD_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
    const tell = (first: Uint8Array): void => {
      gunzip.destroy();
      const kind = recogniseBytes(first);
      if (kind === 'dump') resolve('It holds a composefs dump.');
      else resolve(isImage(kind) ? 'It holds an image.' : undefined);
    };
    gunzip.once('data', tell);
    gunzip.once('error', () => resolve(undefined));
    gunzip.once('end', () => resolve(undefined));
    gunzip.end(head);
  });
}
