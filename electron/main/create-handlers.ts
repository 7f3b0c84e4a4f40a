import { basename } from 'node:path';
import type { BrowserWindow } from 'electron';
import type { Reply } from '../../shared/contract/values.ts';
import { CallError } from '../../shared/contract/wire-error.ts';
import { pickOpen, pickSave, pickTargetFolder } from './dialogs.ts';
import type { EngineProcess } from './engine-process.ts';
import type { AppHandlers } from './ipc.ts';

/** Images that are made and published: the engine does it, and main sees that it is where the user said. */
export function createHandlers(
  window: () => BrowserWindow,
  engine: EngineProcess,
): Pick<AppHandlers, 'pickTarget' | 'createImage' | 'pickKey' | 'publish'> {
  /** What was chosen in a dialog since the start: a page that went wrong can name no other place, and no other key. */
  const picked = {
    image: new Set<string>(),
    store: new Set<string>(),
    publication: new Set<string>(),
    key: new Set<string>(),
  };
  const check = (what: keyof typeof picked, path: string): void => {
    if (picked[what].has(path)) return;
    const message = `That ${what === 'key' ? 'key' : 'place'} was not chosen in a dialog.`;
    throw new CallError('invalid-request', message, { file: path });
  };
  return {
    pickTarget: async ({ what, suggested }) => {
      const path =
        what === 'image'
          ? await pickSave(window(), 'Write the image to', basename(suggested))
          : await pickTargetFolder(window(), what, suggested);
      if (path !== undefined) picked[what].add(path);
      return path;
    },
    createImage: async (request) => {
      check('image', request.image);
      if (request.store !== undefined) check('store', request.store);
      return valueOf(await engine.call('createImage', request));
    },
    pickKey: async () => {
      const [path] = await pickOpen(window(), 'key');
      if (path !== undefined) picked.key.add(path);
      return path;
    },
    publish: async (request) => {
      check('publication', request.folder);
      if (request.signing !== undefined) check('key', request.signing.key);
      return valueOf(await engine.call('publish', request));
    },
  };
}

/** @throws CallError for what the engine answered with an error */
function valueOf<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value;
  const { code, message, file, path, offset } = reply.error;
  throw new CallError(code, message, { ...(file !== undefined && { file }), path, offset });
}
