import { join } from 'node:path';
import {
  checkTitle,
  MAX_PLAN_SHOWN,
  publishTitle,
  type CheckPublicationRequest,
  type FetchPlan,
  type FetchPlanRequest,
  type PublicationInfo,
  type PublicationSources,
  type PublicationVerdict,
  type PublishOutcome,
  type PublishRequest,
  type PublishSummary,
  type PublishSummaryRequest,
} from '../../../shared/contract/publish-values.ts';
import { CallError } from '../../../shared/contract/wire-error.ts';
import type { PublishManifest } from '../../../shared/store/publish-manifest.ts';
import { UnreadableFiles } from '../create/create-image.ts';
import { replacedText } from '../create/object-store.ts';
import { storeWorkerFile } from '../create/worker-file.ts';
import { findStoresBeside } from '../stores/store-beside.ts';
import type { Workspace } from '../workspace.ts';
import { checkPublication } from './check-publication.ts';
import { MANIFEST, readManifest } from './manifest-file.ts';
import { summarisePublication } from './publication-summary.ts';
import { publish } from './publish.ts';
import { readSigner } from './sign-digest.ts';

/** Of a list, what the window is told. */
const MAX_TOLD = 200;

/** Publishing for the window: what a publication would hold, making it, checking it, and what an update fetches. */
export class PublishDesk {
  readonly #workspace: Workspace;
  readonly #worker: URL;
  /** The summary that is being made: another one takes its place. */
  #summary = new AbortController();

  /** @param worker the bundled store-worker.ts */
  constructor(workspace: Workspace, worker: URL = storeWorkerFile) {
    this.#workspace = workspace;
    this.#worker = worker;
  }

  /** A job that writes nothing. @throws StoreError, ImageError; AbortError where another one is asked for */
  async summary({ sources, folder }: PublishSummaryRequest): Promise<PublishSummary> {
    this.#summary.abort();
    this.#summary = new AbortController();
    const roots = await this.#roots(sources);
    const opened = (path: string) => this.#workspace.sessions.find((session) => session.path === path)?.image;
    return this.#workspace.jobs.run(
      'Looking through what is to be published',
      'objects',
      (job) => summarisePublication(sources, { folder, roots, opened }, job),
      this.#summary,
    );
  }

  /** A job. @throws as `publish` and `readSigner` */
  async publish({ sources, folder, signing, checkContent }: PublishRequest): Promise<PublishOutcome> {
    if (sources.images.length + sources.layers.length === 0) {
      throw new CallError('invalid-request', 'There is nothing to publish.');
    }
    const signer = signing && (await readSigner(signing.key, signing.certificate, signing.passphrase));
    const from = await this.#roots(sources);
    return this.#workspace.jobs.run(publishTitle(folder), 'bytes', async (job) => {
      try {
        const { manifest, objects } = await publish({
          ...sources,
          from,
          folder,
          signer,
          checkContent,
          worker: this.#worker,
          signal: job.signal,
          onProgress: ({ step, bytes, totalBytes }) => job.progress(bytes, totalBytes, stepWords[step]),
        });
        const { written, writtenBytes, sealed } = objects;
        const published = {
          publication: infoOf(folder, manifest),
          written,
          writtenBytes,
          sealed,
          replaced: objects.replaced.map(replacedText),
          signer: signer?.certificate.subject.replaceAll('\n', ', '),
        };
        return { kind: 'published', published };
      } catch (error) {
        if (!(error instanceof UnreadableFiles)) throw error;
        return { kind: 'unreadable', files: error.faults.slice(0, MAX_TOLD), count: error.count };
      }
    });
  }

  /** @throws StoreError where the folder holds no publication that can be read */
  async info(folder: string): Promise<PublicationInfo> {
    return infoOf(folder, await readManifest(folder));
  }

  /** A job that reads all of it. @throws as `checkPublication` */
  async check({ folder, certificates, sources }: CheckPublicationRequest): Promise<PublicationVerdict> {
    return this.#workspace.jobs.run(checkTitle(folder), 'bytes', async (job) => {
      const { manifest, faults, ...checked } = await checkPublication({
        folder,
        certificates,
        sources,
        worker: this.#worker,
        signal: job.signal,
        onProgress: (bytes, total) => job.progress(bytes, total),
      });
      return {
        ...checked,
        images: manifest.images.length,
        bytes: bytesOf(manifest),
        faults: faults.slice(0, MAX_TOLD),
        faultCount: faults.length,
      };
    });
  }

  /** By what the manifest says: no image is read. @throws StoreError, CallError */
  async plan({ folder, have, want }: FetchPlanRequest): Promise<FetchPlan> {
    const { images, objects } = await readManifest(folder);
    const imageOf = (name: string): PublishManifest['images'][number] => {
      const image = images.find((candidate) => candidate.name === name);
      if (image !== undefined) return image;
      throw new CallError('not-found', `There is no image ${name} in it.`, { file: join(folder, MANIFEST) });
    };
    const wanted = imageOf(want);
    const known = new Set(have === undefined ? [] : imageOf(have).objects);
    const plan = { objects: 0, bytes: 0, kept: 0, keptBytes: 0, imageBytes: want === have ? 0 : wanted.size };
    const fetch: FetchPlan['fetch'][number][] = [];
    for (const index of wanted.objects) {
      const { path = '', size = 0 } = objects[index] ?? {};
      if (known.has(index)) {
        plan.kept += 1;
        plan.keptBytes += size;
        continue;
      }
      plan.objects += 1;
      plan.bytes += size;
      if (fetch.length < MAX_PLAN_SHOWN) fetch.push({ path, size });
    }
    return { ...plan, fetch };
  }

  /** Where objects may be: the stores that are attached, and those that lie beside the sources. */
  async #roots({ images, layers }: PublicationSources): Promise<readonly string[]> {
    const beside = await Promise.all([...images, ...layers].map((path) => findStoresBeside(path)));
    const found = beside.flat().map(({ dataRoot }) => dataRoot);
    return [...new Set([...this.#workspace.stores.dataRoots, ...found])];
  }
}

const stepWords = { images: 'reading images and layers', objects: 'copying objects', syncing: 'to the disk' } as const;

const bytesOf = ({ objects }: PublishManifest): number => objects.reduce((sum, { size }) => sum + size, 0);

function infoOf(folder: string, manifest: PublishManifest): PublicationInfo {
  return {
    folder,
    manifest: join(folder, MANIFEST),
    images: manifest.images.map(({ name, file, digest, format, size, objects, objectBytes, signature }) => ({
      name,
      path: join(folder, file),
      digest,
      format,
      size,
      objects: objects.length,
      objectBytes,
      isSigned: signature !== undefined,
    })),
    objects: manifest.objects.length,
    bytes: bytesOf(manifest),
  };
}
