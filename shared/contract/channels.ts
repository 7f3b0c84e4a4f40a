/** Names of what crosses between page, preload and main. Apart from the schemas, so that the preload pulls in no zod. */

/**
 * The engine's port reaches the page as a window `message` event whose `data` is `{ type: ENGINE_PORT_MESSAGE }` and
 * whose `ports[0]` is the port: a MessagePort cannot cross the contextBridge.
 */
export const ENGINE_PORT_MESSAGE = 'composcope-engine-port';

/** Channels of Electron's ipc between preload and main. */
export const channels = {
  /** Page to main, with an answer: `(name, request)`, see `appRequests`. */
  call: 'composcope:call',
  /** Main to page: an `AppCommand`. */
  command: 'composcope:command',
  /** Main to page: absolute paths to open. */
  openPaths: 'composcope:open-paths',
  /** Main to page: why the engine is gone. */
  engineGone: 'composcope:engine-gone',
  /** Main to page: a `MountStep`. */
  mountStep: 'composcope:mount-step',
  /** Main to preload: a MessagePort to the engine. */
  enginePort: 'composcope:engine-port',
} as const;
