import { basename } from 'node:path';
import type { BrowserWindow } from 'electron';
import { CallError } from '../../shared/contract/wire-error.ts';
import { pickSave, pickTargetStore } from './dialogs.ts';
import type { EngineProcess } from './engine-process.ts';
import type { AppHandlers } from './ipc.ts';

/** Images that are made: the engine makes them, and main sees that it is where the user said. */
export function createHandlers(
  window: () => BrowserWindow,
  engine: EngineProcess,
): Pick<AppHandlers, 'pickTarget' | 'createImage'> {
  /** What was chosen in a dialog since the start: a page that went wrong can name no other place to write to. */
  const picked = { image: new Set<string>(), store: new Set<string>() };
  const check = (what: keyof typeof picked, path: string): void => {
    if (picked[what].has(path)) return;
    throw new CallError('invalid-request', 'That place was not chosen in a dialog.', { file: path });
  };
  return {
    pickTarget: async ({ what, suggested }) => {
      const path =
        what === 'store'
          ? await pickTargetStore(window(), suggested)
          : await pickSave(window(), 'Write the image to', basename(suggested));
      if (path !== undefined) picked[what].add(path);
      return path;
    },
    createImage: async (request) => {
      check('image', request.image);
      if (request.store !== undefined) check('store', request.store);
      const reply = await engine.call('createImage', request);
      if (reply.ok) return reply.value;
      const { code, message, file, path, offset } = reply.error;
      throw new CallError(code, message, { ...(file !== undefined && { file }), path, offset });
    },
  };
}
