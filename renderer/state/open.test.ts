import { createBirpc } from 'birpc';
import { afterEach, expect, it } from 'vitest';
import type { EngineEvents } from '../../shared/contract/engine-calls.ts';
import type { ImageInfo, Reply } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { refreshWorkspace } from './open.ts';
import { useWorkspace } from './workspace.ts';

const info = (digest: string | undefined): ImageInfo => ({ image: 0, name: 'small.cfs', digest }) as ImageInfo;

afterEach(() => engine.disconnect());

/** An engine of which an image changes behind its answer to `workspace`; all other answers take their time. */
function connectEngine(): void {
  const { port1, port2 } = new MessageChannel();
  const page = createBirpc<EngineEvents, { call: (name: string) => Promise<Reply<unknown>> }>(
    {
      call: async (name) => {
        if (name !== 'workspace') {
          await new Promise((resolve) => setTimeout(resolve, 20));
          return { ok: true, value: [] };
        }
        setTimeout(() => void page.imageChanged.asEvent(info('06ec')));
        return { ok: true, value: { images: [info(undefined)], stores: [], stacks: [] } };
      },
    },
    {
      post: (message) => port2.postMessage(message),
      on: (listener) => {
        port2.addEventListener('message', (event) => listener(event.data));
        port2.start();
      },
    },
  );
  engine.connect(port1);
}

it('what the engine tells of an image after its answer is not undone by the answer', async () => {
  connectEngine();
  await refreshWorkspace();
  await expect.poll(() => useWorkspace.getState().images.map(({ digest }) => digest)).toEqual(['06ec']);
});
