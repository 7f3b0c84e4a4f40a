import type { MessagePortMain, ParentPort } from 'electron';
import { answer } from '../../shared/contract/answer.ts';
import type { EngineEvents } from '../../shared/contract/engine-calls.ts';
import { ServiceMessage, serviceRequests } from '../../shared/contract/engine-service.ts';
import type { ServiceReply } from '../../shared/contract/engine-service.ts';
import { engineHandlers } from './handlers/engine-handlers.ts';
import { serviceHandlers } from './handlers/service-handlers.ts';
import { servePage } from './rpc.ts';
import type { Channel, Connection } from './rpc.ts';
import { workerFile } from './verify/worker-file.ts';
import { Workspace } from './workspace.ts';

/** Entry of the engine's process: one page at a time over a port, main over the parent's port. */

// A state that nobody foresaw is not to be worked on in: main starts a new engine, and the page opens all again.
process.on('uncaughtException', (error) => {
  console.error('engine: fatal:', error);
  process.exit(1);
});

let page: Connection | undefined;
const tell: EngineEvents = {
  imageChanged: (image) => page?.events.imageChanged(image),
  storesChanged: (stores) => page?.events.storesChanged(stores),
  rowsChanged: (image) => page?.events.rowsChanged(image),
  viewChanged: (state) => page?.events.viewChanged(state),
  job: (job) => page?.events.job(job),
  verifyChanged: (state) => page?.events.verifyChanged(state),
  problemsChanged: () => page?.events.problemsChanged(),
};

const workspace = new Workspace(tell, workerFile);
const handlers = engineHandlers(workspace);
const service = serviceHandlers(workspace);

const channelOf = (port: MessagePortMain): Channel => ({
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
  post: (message) => port.postMessage(message),
  listen: (listener) => {
    port.on('message', ({ data }) => listener(data));
    port.start();
  },
  close: () => port.close(),
});

function connect(port: MessagePortMain): void {
  page?.close();
  page = servePage(channelOf(port), handlers);
  workspace.pageConnected();
}

async function answerMain(parent: ParentPort, id: number, name: string, request: unknown): Promise<void> {
  const reply = await answer(serviceRequests, service, name, request, (call, cause) =>
    console.error(`engine: ${call}:`, cause),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a process, not a window
  parent.postMessage({ type: 'reply', id, reply } satisfies ServiceReply);
}

const { parentPort } = process;
parentPort.on('message', ({ data, ports }) => {
  const message = ServiceMessage.parse(data);
  if (message.type === 'call') void answerMain(parentPort, message.id, message.name, message.request);
  else for (const port of ports) connect(port);
});
