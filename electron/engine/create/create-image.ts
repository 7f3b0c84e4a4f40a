import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Image } from '../../../shared/tree/image.ts';
import { TreeImage } from '../../../shared/tree/tree-image.ts';
import { openLayers, type OpenedLayer } from '../layers/open-layer.ts';
import { recogniseLayerSource } from '../layers/oci-image.ts';
import { pathText } from './make-object.ts';
import type { ObjectRun } from './object-run.ts';
import { scanDirectory, type Scan, type ScanCounts, type ScanOptions, type ScannedFile } from './scan-directory.ts';

/** How far it is. */
export interface CreateProgress {
  readonly step: 'listing' | 'objects' | 'syncing';
  readonly entries: number;
  readonly bytes: number;
  /** Undefined while it is being listed. */
  readonly totalBytes: number | undefined;
}

export interface CreateContext {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: CreateProgress) => void) | undefined;
}

/** Files of a source that cannot be read, or changed meanwhile: all of them together. */
export class UnreadableFiles extends Error {
  override readonly name = 'UnreadableFiles';
  readonly code = 'unreadable';
  readonly faults: readonly { readonly path: string; readonly code: string; readonly message: string }[];
  /** How many there are: the list ends at some point. */
  readonly count: number;

  constructor(source: string, faults: UnreadableFiles['faults'], count: number) {
    const [first] = faults;
    const more = count > 1 ? `, and ${count - 1} more` : '';
    super(`${source} cannot be read whole: ${first?.path ?? ''} ${first?.message ?? ''}${more}`);
    this.faults = faults;
    this.count = count;
  }
}

const TICK_MS = 100;

/**
 * A directory as the image that mkcomposefs would make of it, its files' contents in the run's store.
 *
 * @throws StoreError, UnreadableFiles; the signal's reason
 */
export async function imageOfDirectory(
  path: string,
  options: ScanOptions,
  run: ObjectRun,
  { signal, onProgress }: CreateContext = {},
): Promise<{ readonly image: Image; readonly counts: ScanCounts }> {
  let totalBytes = 0;
  let scan: Scan | undefined;
  const add = (file: ScannedFile): void => {
    const { inode, path: at, ino, size, mtimeMs } = file;
    totalBytes += size;
    // no more than that: a task is copied to its thread
    run.add({ path: at, ino, size, mtimeMs }, (made) => {
      inode.content = made;
    });
  };
  let entries = 0;
  const tell = (): void => {
    const step = scan === undefined ? 'listing' : 'objects';
    onProgress?.({ step, entries, bytes: run.bytes, totalBytes: scan && totalBytes });
  };
  const timer = setInterval(tell, TICK_MS);
  try {
    run.hold(); // nothing is named before it is known that all is there
    run.prepare();
    scan = await scanDirectory(path, options, add, { signal, onEntries: (count) => (entries = count) });
    if (scan.faultCount > 0) throw new UnreadableFiles(path, scan.faults, scan.faultCount);
    run.release();
    await run.drained(signal);
    refuseFaults(path, run);
    return { image: new TreeImage({ kind: 'directory', root: scan.root, facts: [] }), counts: scan.counts };
  } finally {
    clearInterval(timer);
  }
}

/** @throws UnreadableFiles where a file did not become an object */
export function refuseFaults(source: string, run: ObjectRun): void {
  if (run.faultCount === 0) return;
  const faults = run.faults.map(({ path, code, message }) => ({ path: pathText(path), code, message }));
  throw new UnreadableFiles(source, faults, run.faultCount);
}

export interface LayerOptions extends ScanOptions {
  readonly platform?: string | undefined;
  readonly maxEntries?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Opens an image file; what cannot be opened throws. */
  readonly openImage: (path: string) => Image | Promise<Image>;
}

/**
 * Opens layers, the lowest first, and puts the contents of those that are no images yet into the run's store.
 *
 * @throws as `openLayers`; UnreadableFiles
 */
export async function splitLayers(
  paths: readonly string[],
  options: LayerOptions,
  run: ObjectRun,
  context: CreateContext = {},
): Promise<readonly OpenedLayer[]> {
  const { platform, maxEntries, maxBytes, openImage } = options;
  const { signal, onProgress } = context;
  const layers: OpenedLayer[] = [];
  const tell = (): void => onProgress?.({ step: 'objects', entries: 0, bytes: run.bytes, totalBytes: undefined });
  const timer = setInterval(tell, TICK_MS);
  try {
    for (const path of paths) {
      if (await isPlainDirectory(path)) {
        // names of one file are one file for overlayfs: what of them gets into the image is told when it is written
        const { image } = await imageOfDirectory(path, { ...options, hardlinks: true }, run, context);
        layers.push({ name: basename(path), path, image });
        continue;
      }
      const takeContent = run.put.bind(run);
      const opened = await openLayers(path, {
        openImage,
        platform,
        maxEntries,
        maxBytes,
        takeContent,
        ...(signal && { signal }),
      });
      layers.push(...opened);
    }
    return layers;
  } finally {
    clearInterval(timer);
  }
}

/** A directory that is no container image. */
export async function isPlainDirectory(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isDirectory() === true && (await recogniseLayerSource(path)) === undefined;
}
