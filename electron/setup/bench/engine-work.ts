// What the engine does with an image, in a Node of its own: node [--expose-gc] engine-work.mjs open|memory|filter|merge IMAGE…
// Prints one line of JSON.
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { ViewState } from '../../../shared/contract/values.ts';
import type { Image } from '../../../shared/tree/image.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { escapeFilterText } from '../../../shared/tree/filter/lex.ts';
import { ImageSession, openImageFile } from '../../engine/image-session.ts';
import type { OpenedFile } from '../../engine/image-session.ts';
import { ViewList } from '../../engine/view-list.ts';

declare const gc: (() => void) | undefined;

/** Substrings that few, many and all names hold. */
const SUBSTRINGS = ['kernel_vector-1', 'library', '-'];
/** Filters before those that count: V8 compiles what is called again and again. */
const WARMING = 3;

const open = (path: string): Promise<OpenedFile> =>
  openImageFile(path, { signal: new AbortController().signal, progress: () => undefined });

/** An image with its objects told apart and a view of all its entries, as the window has it. */
function show(path: string, file: OpenedFile): { readonly views: ViewList; readonly state: ViewState } {
  const session = new ImageSession(0, path, file, Number.POSITIVE_INFINITY);
  const views = new ViewList();
  const sort = { column: 'name', descending: false } as const;
  return { views, state: views.create(session, { filter: '', sort, showStubs: false }) };
}

/** From open(2) to the whole table with all its checks, as the window's engine opens it. Nothing is compiled yet. */
async function measureOpen(path: string): Promise<unknown> {
  const { image, openedInMs } = await open(path);
  return { ms: openedInMs, entries: image.table.count, problems: image.problems.length };
}

/** Bytes an entry that an open image keeps beside its own bytes: its table; then what shows it, too. */
async function measureMemory(path: string): Promise<unknown> {
  await warmUp(path);
  const before = await bytesInUse();
  const file = await open(path);
  const { count, bytes } = file.image.table;
  const anEntry = async (): Promise<number> => ((await bytesInUse()) - before - bytes.length) / count;
  const table = await anEntry();
  const { views, state } = show(path, file);
  const shown = await anEntry();
  return { table, shown, rows: views.state(state.view).total }; // views are asked last, so that they are held till then
}

/** What is compiled and kept once is not the image's. */
async function warmUp(path: string): Promise<void> {
  await open(path);
}

async function bytesInUse(): Promise<number> {
  if (gc === undefined) throw new Error('needs --expose-gc');
  await setImmediate(); // nothing is on the stack of what was awaited last
  gc();
  gc(); // what the first one finalized
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** What a filter costs the engine: all names searched, ancestors kept, rows laid out. */
async function measureFilter(path: string): Promise<unknown> {
  const { views, state } = show(path, await open(path));
  const filter = (text: string): { readonly ms: number; readonly matches: number } => {
    const from = performance.now();
    const { matches } = views.change(state.view, (tree) => tree.setFilter(escapeFilterText(text)));
    return { ms: performance.now() - from, matches };
  };
  const first = filter('first-of-all');
  for (let index = 0; index < WARMING; index += 1) for (const text of SUBSTRINGS) filter(text);
  return { first, warm: SUBSTRINGS.map(filter) };
}

/** Layers opened one after the other, then merged to a table. Nothing is compiled yet. */
async function measureMerge(...paths: readonly string[]): Promise<unknown> {
  const from = performance.now();
  const layers: Image[] = [];
  for (const path of paths) layers.push((await open(path)).image);
  const opened = performance.now();
  const { table } = new StackImage(layers);
  const mergeMs = performance.now() - opened;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  const peak = (Number(kilobytes ?? Number.NaN) * 1024) / 1e6;
  return { openMs: opened - from, mergeMs, entries: table.count, peak };
}

const [, , what = '', path = '', ...more] = process.argv;
const work = new Map([
  ['open', measureOpen],
  ['memory', measureMemory],
  ['filter', measureFilter],
  ['merge', (first: string) => measureMerge(first, ...more)],
]).get(what);
if (work === undefined) throw new Error(`there is no ${what}`);
process.stdout.write(`${JSON.stringify(await work(path))}\n`);
