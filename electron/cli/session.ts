import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { AttachedStore } from '../engine/attached-store.ts';
import { ImageSession } from '../engine/image-session.ts';
import { quickCheck } from '../engine/stores/quick-check.ts';
import { openStore } from '../engine/stores/open-store.ts';
import { findStoresBeside } from '../engine/stores/store-beside.ts';
import type { StoreFound } from '../engine/stores/store-found.ts';
import type { Options } from './context.ts';
import { loadImage } from './load-image.ts';
import { STDIN } from './read-file.ts';
import type { Reporter } from './reporter.ts';
import type { Stack } from './stack.ts';

/** An opened image as the engine keeps it, so that its code answers here too. */
export function openSession(file: string, reporter: Reporter): ImageSession | undefined {
  const started = performance.now();
  const image = loadImage(file, reporter);
  if (image === undefined) return undefined;
  // nobody opens the file again: what tells whether it is still the same is of no use
  const identity = { dev: 0, ino: 0, size: image.table.bytes.length, mtimeMs: 0 };
  const path = file === STDIN ? file : resolve(file);
  return new ImageSession(0, path, { image, identity, openedInMs: performance.now() - started });
}

/** What a command looks into: an image, or layers that were merged. */
export interface Subject {
  /** For errors and headings. */
  readonly file: string;
  readonly session: ImageSession;
  /** Where it is layers. */
  readonly stack?: Stack | undefined;
  /** Paths beside which stores may lie. */
  readonly beside: readonly string[];
}

/** The layers of `--layers` as one, or the image of that name; undefined, and reported, where it cannot be opened. */
export async function openSubject(file: string, options: Options, reporter: Reporter): Promise<Subject | undefined> {
  const { layers } = options;
  if (layers === undefined) {
    const session = openSession(file, reporter);
    return session && { file, session, beside: [session.path] };
  }
  const { openStack, stackSession } = await import('./stack.ts');
  const stack = await openStack(layers, options, reporter);
  return stack && { file: stack.name, session: stackSession(stack), stack, beside: stack.paths };
}

/** The stores that the user names; where none is named, those that lie beside the image. */
export async function storesFor(
  session: ImageSession,
  given: readonly string[] | undefined,
  reporter: Reporter,
  beside: readonly string[] = [session.path],
): Promise<readonly AttachedStore[]> {
  const found: StoreFound[] = [];
  const isNamed = given !== undefined && given.length > 0;
  for (const path of isNamed || session.path === STDIN ? [] : beside) {
    const more = await findStoresBeside(path);
    found.push(...more.filter(({ dataRoot }) => !found.some((store) => store.dataRoot === dataRoot)));
  }
  if (isNamed) return storesNamed(given, reporter);
  return attach(found, new Set([session.id]));
}

/** Stores that the user names; one that cannot be opened is reported. */
export async function storesNamed(folders: readonly string[], reporter: Reporter): Promise<readonly AttachedStore[]> {
  const found: StoreFound[] = [];
  for (const folder of folders) {
    try {
      found.push(...(await openStore(folder)));
    } catch (error) {
      reporter.error(error, folder);
    }
  }
  return attach(found, undefined);
}

async function attach(
  found: readonly StoreFound[],
  broughtBy: Set<number> | undefined,
): Promise<readonly AttachedStore[]> {
  const nothing = { objects: undefined, hits: undefined, problem: undefined };
  return Promise.all(
    found.map(async (store, id) => {
      const realRoot = await realpath(store.dataRoot).catch(() => store.dataRoot);
      return { id, found: store, realRoot, broughtBy, ...nothing };
    }),
  );
}

/** Looks for every object, without reading any, and notes the statuses in the session. */
export async function checkObjects(
  session: ImageSession,
  stores: readonly AttachedStore[],
  reporter: Reporter,
): Promise<void> {
  if (stores.length === 0) return;
  const roots = stores.map(({ found }) => found.dataRoot);
  const result = await quickCheck(session.image, await session.indexed, roots, {
    onProgress: (done, total) => reporter.progress(`looking for objects: ${done} of ${total}`),
  });
  reporter.progressDone();
  session.noteChecked({ result, stores });
  for (const [root, { reason }] of result.rootProblems) reporter.error(new Error(reason), roots[root]);
}
