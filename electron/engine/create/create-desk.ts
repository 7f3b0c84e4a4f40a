import { isUtf8 } from 'node:buffer';
import { basename } from 'node:path';
import { openImage } from '../../../shared/composefs/open-image.ts';
import {
  createTitle,
  type CreatedImage,
  type CreateOutcome,
  type CreateRequest,
  type SourceSummary,
  type SummaryRequest,
  type TreeOptions,
} from '../../../shared/contract/create-values.ts';
import type { Counts } from '../../../shared/contract/values.ts';
import { upTo, type Steps } from '../../../shared/steps.ts';
import { SourceXattrs, type SourceXattr } from '../../../shared/tree/diff/source-xattrs.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { Flag, nameBytes, S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { openSide } from '../compare/open-side.ts';
import type { JobContext } from '../job-list.ts';
import { readImageFile } from '../read-image-file.ts';
import { writeBytes } from '../save-content.ts';
import { inSlices } from '../slices.ts';
import type { Workspace } from '../workspace.ts';
import { isPlainDirectory, UnreadableFiles } from './create-image.ts';
import { createImage, type CreateResult } from './create-job.ts';
import { MAX_INLINE } from './object-run.ts';
import { refuseTarget } from './refuse-target.ts';
import { replacedText } from './object-store.ts';
import { scanDirectory, type ScanOptions } from './scan-directory.ts';
import { storeWorkerFile } from './worker-file.ts';

/** Of what cannot be read, what the window is told. */
const MAX_TOLD = 100;

/** Makes images for the window: says first what one would hold. */
export class CreateDesk {
  readonly #workspace: Workspace;
  readonly #worker: URL;
  /** The summary that is being made: another one takes its place. */
  #summary = new AbortController();

  /** @param worker the bundled store-worker.ts */
  constructor(workspace: Workspace, worker: URL = storeWorkerFile) {
    this.#workspace = workspace;
    this.#worker = worker;
  }

  /** Looks through a source, and writes nothing: a job. @throws StoreError, ImageError; AbortError where another one is asked for */
  async summary(request: SummaryRequest): Promise<SourceSummary> {
    this.#summary.abort();
    this.#summary = new AbortController();
    const title = `Looking through ${namesOf(request.sources)}`;
    return this.#workspace.jobs.run(title, 'objects', (job) => summaryOf(request, job), this.#summary);
  }

  /** Makes an image, and writes it when all its objects are in place: a job. @throws as `createImage` */
  async create(request: CreateRequest): Promise<CreateOutcome> {
    const { jobs, stores } = this.#workspace;
    const { sources, image: path, store } = request;
    await refuseTarget(path, sources);
    return jobs.run(createTitle(path), 'bytes', async (job) => {
      try {
        const result = await createImage(
          {
            sources,
            store,
            ...scanOptions(request.tree),
            ...(request.format !== 'auto' && versions[request.format]),
            threads: request.threads,
            checkContent: request.checkContent,
            from: stores.dataRoots.filter((root) => root !== store),
            openImage: async (file) => openImage((await readImageFile(file, job)).bytes),
            worker: this.#worker,
          },
          {
            signal: job.signal,
            onProgress: ({ step, bytes, totalBytes }) => job.progress(bytes, totalBytes, stepWords[step]),
          },
        );
        await writeBytes(path, result.image.bytes);
        // what is attached has more objects now: also for images that lacked them so far
        if (stores.dataRoots.some((root) => root === store) && result.objects.written > 0) this.#workspace.recheck();
        return { kind: 'made', made: madeOf(path, store, result) };
      } catch (error) {
        if (!(error instanceof UnreadableFiles)) throw error;
        return { kind: 'unreadable', files: error.faults.slice(0, MAX_TOLD), count: error.count };
      }
    });
  }
}

const stepWords = { listing: 'listing', objects: 'making objects', syncing: 'to the disk' } as const;
const versions = {
  '0': { minVersion: 0, maxVersion: 0 },
  '1': { minVersion: 1, maxVersion: 1 },
  '2': { erofsVersion: 2 },
} as const;

const namesOf = (paths: readonly string[]): string =>
  paths.length > 1 ? `${paths.length} layers` : basename(paths[0] ?? '');

const scanOptions = ({ useEpoch, skipDevices, xattrs, hardlinks }: TreeOptions): ScanOptions => ({
  useEpoch,
  skipDevices,
  hardlinks,
  skipXattrs: xattrs === 'none',
  userXattrs: xattrs === 'user',
});

function madeOf(path: string, store: string | undefined, { image, objects }: CreateResult): CreatedImage {
  const { bytes, ...facts } = image;
  const replaced = objects.replaced.map(replacedText);
  return { path, ...facts, bytes: bytes.length, objects: { ...objects, store, replaced } };
}

async function summaryOf({ sources, tree }: SummaryRequest, job: JobContext): Promise<SourceSummary> {
  const [only] = sources;
  if (only !== undefined && sources.length === 1 && (await isPlainDirectory(only))) {
    let backedFiles = 0;
    const { counts, faults, faultCount } = await scanDirectory(
      only,
      scanOptions(tree),
      ({ size }) => {
        if (size > MAX_INLINE) backedFiles += 1;
      },
      { signal: job.signal, onEntries: (count) => job.progress(count, undefined, 'entries') },
    );
    const unreadable = { unreadable: faults.slice(0, MAX_TOLD), unreadableCount: faultCount };
    const withXattrs = tree.xattrs === 'none' ? 0 : counts.withXattrs;
    return { title: 'directory', ...counts, withXattrs, backedFiles, whiteouts: 0, ...unreadable };
  }
  const side = await openSide(sources, job);
  const { title, counts } = side.info;
  return { title, ...(await inSlices(countsOf(side.image, counts, tree), job.signal)) };
}

function* countsOf(
  image: Image,
  counts: Counts,
  { skipDevices, xattrs }: TreeOptions,
): Steps<Omit<SourceSummary, 'title'>> {
  const { table } = image;
  const { entries, files, directories, symlinks, fifos, sockets, hardLinks, apparentBytes } = counts;
  let oddNames = 0;
  let backedFiles = 0;
  let withXattrs = 0;
  const source = new SourceXattrs(image);
  const isKept = xattrs === 'user' ? ({ name }: SourceXattr) => name.startsWith('user.') : () => xattrs === 'all';
  yield* upTo(table.count, (row) => {
    const flags = table.flags[row] ?? 0;
    if ((flags & Flag.stub) !== 0) return;
    if (!isUtf8(nameBytes(table, row))) oddNames += 1;
    // of a tar or a folder it is not known yet where a file's bytes will be
    const isLarge = (flags & Flag.inline) === 0 && (table.size[row] ?? 0) > MAX_INLINE;
    if ((flags & Flag.backed) !== 0 || (isLarge && ((table.mode[row] ?? 0) & S_IFMT) === S_IFREG)) backedFiles += 1;
    if (source.of(row).some(isKept)) withXattrs += 1;
  });
  const skipped = skipDevices ? counts.devices + counts.whiteouts : 0;
  return {
    entries: entries - skipped,
    files,
    bytes: apparentBytes,
    backedFiles,
    directories,
    symlinks,
    devices: skipDevices ? 0 : counts.devices,
    skipped,
    others: fifos + sockets,
    hardLinks,
    oddNames,
    withXattrs,
    whiteouts: skipDevices ? 0 : counts.whiteouts,
    unreadable: [],
    unreadableCount: 0,
  };
}
