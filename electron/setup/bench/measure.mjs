import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { start } from '../run.mjs';
import { SetupError } from '../say.mjs';

/** @typedef {readonly [command: string, ...args: string[]]} CommandLine */

/** How often a process is asked for its peak memory, which only rises. */
const POLL_MS = 2;

/**
 * Takes samples of ours and of its peer in turns, so that whatever the machine does meanwhile happens to both.
 *
 * @param {number} runs
 * @param {() => Promise<number>} ours
 * @param {() => Promise<number>} peer
 */
export async function inTurns(runs, ours, peer) {
  /** @type {{ ours: number[], peer: number[] }} */
  const samples = { ours: [], peer: [] };
  for (let index = 0; index < runs; index += 1) {
    samples.ours.push(await ours());
    samples.peer.push(await peer());
  }
  return samples;
}

/**
 * Milliseconds from the start of a program to its end, its output thrown away.
 *
 * @param {CommandLine} line
 * @param {number} [most] exit status up to which it went well: that of `diff` is 1 where something differs
 */
export async function wallTime(line, most = 0) {
  const from = performance.now();
  await toNull(line, most);
  return performance.now() - from;
}

/** Whether the peak memory of a program is to be had here. */
export const canPeak = existsSync('/proc/self/status');

/** Peak resident memory of a program in MB (10^6 bytes). @param {CommandLine} line @param {number} [most] as of `wallTime` */
export async function peakMemory(line, most = 0) {
  let peak = 0;
  await toNull(line, most, (pid) => {
    const timer = setInterval(() => (peak = Math.max(peak, peakOf(pid))), POLL_MS);
    return () => clearInterval(timer);
  });
  return peak / 1e6;
}

/** @param {number} pid @returns bytes; 0 for a process that has ended */
function peakOf(pid) {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/**
 * Runs a program to its end with /dev/null as its output.
 *
 * @param {CommandLine} line
 * @param {number} most
 * @param {(pid: number) => () => void} [watch] is told when it runs; what it gives is called at its end
 */
async function toNull(line, most, watch) {
  const [command, ...args] = line;
  const sink = openSync(process.platform === 'win32' ? 'NUL' : '/dev/null', 'w');
  try {
    const child = start(command, args, { stdio: ['ignore', sink, 2] });
    const stop = child.pid === undefined ? undefined : watch?.(child.pid);
    const status = await endOf(child);
    stop?.();
    if (typeof status === 'string' || status > most) throw new SetupError(`${line.join(' ')} failed with ${status}`);
  } finally {
    closeSync(sink);
  }
}

/** What a program prints as JSON. @param {CommandLine} line @returns {Promise<unknown>} */
export async function jsonOf(line) {
  const [command, ...args] = line;
  const child = start(command, args, { stdio: ['ignore', 'pipe', 2] });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (part) => (text += part));
  const status = await endOf(child, 'close');
  if (status !== 0) throw new SetupError(`${line.join(' ')} failed with ${status}`);
  return JSON.parse(text);
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {'exit' | 'close'} [event] `close` comes when its output has been read, too
 * @returns {Promise<number | string>} exit status or signal
 */
function endOf(child, event = 'exit') {
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once(event, (code, signal) => done(code ?? signal ?? 1));
  });
}
