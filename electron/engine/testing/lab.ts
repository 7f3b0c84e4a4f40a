import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { EngineEvents, EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { engineHandlers } from '../handlers/engine-handlers.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { Workspace } from '../workspace.ts';
import { bundledStoreWorker, bundledWorker } from './bundled-worker.ts';

/** The objects of testdata/small.cfs: a word and a line feed, 20 times over. See testdata/make.sh. */
export const words = ['good', 'missing', 'short', 'plain'] as const;
export type Word = (typeof words)[number];

export const contentOf = (word: string): string => `${word}\n`.repeat(20);

export function digestOf(word: string): string {
  const bytes = Buffer.from(contentOf(word));
  return Buffer.from(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') })).toString('hex');
}

/** Path of a word's object below the data root. */
export const objectPath = (word: string): string => join(digestOf(word).slice(0, 2), digestOf(word).slice(2));

export type EngineEvent = {
  readonly [K in keyof EngineEvents]: readonly [K, ...Parameters<EngineEvents[K]>];
}[keyof EngineEvents];

/** A folder with the small image, and an engine that works on it in this process. */
export interface Lab {
  readonly folder: string;
  readonly image: string;
  readonly workspace: Workspace;
  readonly handlers: EngineHandlers;
  readonly events: EngineEvent[];
  /** Waits until an event is there for which `found` answers with something. */
  readonly until: <T>(found: () => T | undefined) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** Writes an object into a store. */
export async function putObject(dataRoot: string, word: string, content = contentOf(word)): Promise<void> {
  const file = join(dataRoot, objectPath(word));
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
}

export async function openLab(): Promise<Lab> {
  const folder = await mkdtemp(join(tmpdir(), 'composcope-engine-'));
  const image = join(folder, 'small.cfs');
  await copyFile(join(import.meta.dirname, '..', 'testdata', 'small.cfs'), image);
  const events: EngineEvent[] = [];
  const workspace = new Workspace(
    {
      imageChanged: (info) => events.push(['imageChanged', info]),
      storesChanged: (stores) => events.push(['storesChanged', stores]),
      rowsChanged: (id) => events.push(['rowsChanged', id]),
      viewChanged: (state) => events.push(['viewChanged', state]),
      job: (job) => events.push(['job', job]),
      verifyChanged: (state) => events.push(['verifyChanged', state]),
      problemsChanged: () => events.push(['problemsChanged']),
    },
    await bundledWorker(),
    await bundledStoreWorker(),
  );
  const handlers = engineHandlers(workspace);
  return {
    folder,
    image,
    workspace,
    handlers,
    events,
    until: async (found) => {
      for (const end = performance.now() + 5000; performance.now() < end;) {
        const value = found();
        if (value !== undefined) return value;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error('it did not come to pass within 5 s');
    },
    close: async () => {
      for (const session of workspace.sessions) workspace.closeImage(session.id);
      await rm(folder, { recursive: true });
    },
  };
}
