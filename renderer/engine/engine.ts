import { ENGINE_PORT_MESSAGE } from '../../shared/contract/channels.ts';
import { onEngineEvents } from '../state/engine-events.ts';
import { EngineClient } from './engine-client.ts';

/** The one engine of this window. */
export const engine = new EngineClient(onEngineEvents);

/** Takes the engine's port when the preload hands it over, now and after each new start of the engine. */
export function listenForEnginePort(): void {
  window.addEventListener('message', (event: MessageEvent<unknown>) => {
    if (event.source !== window || event.origin !== window.location.origin) return;
    const data = event.data;
    if (typeof data !== 'object' || data === null || !('type' in data) || data.type !== ENGINE_PORT_MESSAGE) return;
    const port = event.ports[0];
    if (port) engine.connect(port);
  });
}
