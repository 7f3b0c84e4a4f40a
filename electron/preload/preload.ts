import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { channels, ENGINE_PORT_MESSAGE } from '../../shared/contract/channels.ts';
import type { Bridge } from '../../shared/contract/app-calls.ts';

/** The one narrow bridge: the page gets these functions, and the engine's port as a window message. */

/** Tells the page of each message on a channel; the event, through which all of Electron could be reached, stays here. */
const listen =
  <T>(channel: string) =>
  (listener: (value: T) => void): (() => void) => {
    const forward = (_event: unknown, value: T): void => listener(value);
    ipcRenderer.on(channel, forward);
    return () => {
      ipcRenderer.removeListener(channel, forward);
    };
  };

const bridge: Bridge = {
  call: (name, request) => ipcRenderer.invoke(channels.call, name, request),
  pathForFile: (file) => (file instanceof File ? webUtils.getPathForFile(file) : ''),
  onCommand: listen(channels.command),
  onOpenPaths: listen(channels.openPaths),
  onEngineGone: listen(channels.engineGone),
  onMountStep: listen(channels.mountStep),
};

contextBridge.exposeInMainWorld('composcope', bridge);

ipcRenderer.on(channels.enginePort, (event) => {
  window.postMessage({ type: ENGINE_PORT_MESSAGE }, window.location.origin, event.ports);
});
