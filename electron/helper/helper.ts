import { writeSync } from 'node:fs';
import { helperModes } from '../../shared/contract/helper.ts';
import type { HelperMode } from '../../shared/contract/helper.ts';
import { Caller } from './caller.ts';
import { Server } from './serve.ts';

/**
 * The privileged process. It is started by pkexec, or by somebody who is root; speaks by standard input and output alone,
 * has no port and no window, parses no image, and ends with its input or after a while without work.
 *
 *     main, or the command line ──frames──▶ helper (root) ──system calls──▶ kernel
 */

const IDLE_MS = 60_000;

function start(mode: HelperMode): void {
  // pkexec leaves a clean environment and adds this; whoever can set it otherwise is root already
  const pkexecUid = process.env['PKEXEC_UID'];
  for (const name of Object.keys(process.env)) delete process.env[name];
  process.umask(0o022);
  process.chdir('/');
  const caller = pkexecUid === undefined ? Caller.root : Caller.ofPkexec(pkexecUid);
  const server = new Server({ caller, mode, send: (frame) => writeAll(1, frame) });

  const idle = setTimeout(() => process.exit(0), IDLE_MS);
  process.stdin.on('data', (bytes: Buffer) => {
    idle.refresh();
    if (!server.push(bytes)) process.exit(2);
    idle.refresh();
  });
  process.stdin.on('end', () => process.exit(0));
  process.stdin.on('error', () => process.exit(0));
}

/** To a pipe whose reader may be slow: without waiting in between, a long answer would not be whole. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(0); // nobody listens any more
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

const mode = helperModes.find((name) => name === process.argv[2]);
if (mode === undefined || process.getuid?.() !== 0) {
  process.stderr.write(
    `The privileged helper of Composcope; the app starts it as root: helper ${helperModes.join('|')}\n`,
  );
  process.exit(2);
}
start(mode);
