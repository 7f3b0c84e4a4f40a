import { parentPort, workerData } from 'node:worker_threads';
import { Stopped } from '../verify/hash-file.ts';
import { Order, Shared } from '../verify/hash-task.ts';
import { ObjectMaker } from './make-object.ts';
import type { FromStoreWorker, StoreOutcome, ToStoreWorker } from './store-task.ts';

/** Entry of a worker thread: makes objects of the files that the pool sends, with calls that wait. */

if (parentPort === null) throw new Error('this is the entry of a worker thread');
const port = parentPort;
const shared = new Int32Array(workerData as SharedArrayBuffer);
let maker: ObjectMaker | undefined;
/** Bytes that do not make a KiB yet. */
let rest = 0;

function beat(bytes: number): void {
  if (Atomics.load(shared, Shared.order) === Order.stop) throw new Stopped();
  rest += bytes;
  Atomics.add(shared, Shared.kibibytes, Math.floor(rest / 1024));
  rest %= 1024;
}

port.on('message', (message: ToStoreWorker) => {
  if (message.type === 'settings') {
    maker = new ObjectMaker(message.settings, beat);
    return;
  }
  try {
    const outcomes: StoreOutcome[] = [];
    for (const file of message.files) if (maker !== undefined) outcomes.push(maker.make(file));
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    port.postMessage({ outcomes } satisfies FromStoreWorker);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error; // the pool waits for no answer any more
  }
});
