import { parentPort, workerData } from 'node:worker_threads';
import { FileHasher, Stopped } from './hash-file.ts';
import { OutcomePacker, unpackTask } from './hash-messages.ts';
import { Order, Shared } from './hash-task.ts';
import type { FromWorker, ToWorker } from './hash-task.ts';

/** Entry of a worker thread: hashes what the pool sends, with calls that wait. It has nothing else to do. */

if (parentPort === null) throw new Error('this is the entry of a worker thread');
const port = parentPort;
const shared = new Int32Array(workerData as SharedArrayBuffer);
let hasher: FileHasher | undefined;
/** Bytes that do not make a KiB yet. */
let rest = 0;

function beat(bytes: number): void {
  while (Atomics.load(shared, Shared.order) === Order.wait) Atomics.wait(shared, Shared.order, Order.wait);
  if (Atomics.load(shared, Shared.order) === Order.stop) throw new Stopped();
  Atomics.add(shared, Shared.beat, 1);
  rest += bytes;
  Atomics.add(shared, Shared.kibibytes, Math.floor(rest / 1024));
  rest %= 1024;
}

function answer(message: ToWorker): FromWorker | undefined {
  switch (message.type) {
    case 'run':
      hasher = new FileHasher(message.settings, beat);
      return undefined;
    case 'files': {
      if (hasher === undefined) return undefined;
      const count = message.files.redirects.length;
      const outcomes = new OutcomePacker(count);
      for (let index = 0; index < count; index += 1) {
        Atomics.store(shared, Shared.file, index);
        outcomes.add(hasher.file(unpackTask(message.files, index)));
      }
      return { type: 'files', outcomes: outcomes.finish() };
    }
    case 'segment':
      return hasher && { type: 'segment', outcome: hasher.segment(message.segment) };
  }
}

port.on('message', (message: ToWorker) => {
  try {
    const reply = answer(message);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    if (reply !== undefined) port.postMessage(reply);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error; // the pool waits for no answer any more
  }
});
