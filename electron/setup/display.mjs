import { start } from './run.mjs';
import { say, SetupError } from './say.mjs';

/** Whether a window can be shown. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);
}

/**
 * Starts an X server without a screen, on a display number of its own choice; it goes when this process goes.
 *
 * @returns {Promise<string>} value for DISPLAY
 */
export function startVirtualDisplay() {
  say('there is no display: starting a virtual one (Xvfb)');
  return new Promise((done, fail) => {
    const args = ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp', '-noreset'];
    const server = start('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    const number = /** @type {import('node:stream').Readable} */ (server.stdio[3]);
    number.once('data', (data) => done(`:${String(data).trim()}`));
    server.once('error', (error) => fail(new SetupError(`Xvfb could not be started: ${error.message}`)));
    server.once('exit', (code) => fail(new SetupError(`Xvfb ended with status ${code}`)));
  });
}
