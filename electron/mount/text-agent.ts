import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { hasTerminal, runningAgent } from './polkit.ts';

const PKTTYAGENT = '/usr/bin/pkttyagent';
const NOTIFY = 3;

/**
 * Lets polkit ask for the password in the terminal that we run in, where no other agent does. pkexec would be such an
 * agent itself, but registers as root what its helper then answers for as the user: outside of a session of logind, polkit
 * finds “No session for cookie”, and refuses the right password (seen with polkit 122). Not with --fallback: there, polkit
 * takes such an agent for nobody's.
 *
 * @returns ends the agent, as soon as it has asked
 */
export async function startTextAgent(): Promise<() => void> {
  if (!hasTerminal() || runningAgent() !== undefined || !existsSync(PKTTYAGENT)) return () => {};
  const words = ['--process', String(process.pid), '--notify-fd', String(NOTIFY)];
  const agent = spawn(PKTTYAGENT, words, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  agent.on('error', () => {}); // pkexec says then that nobody can be asked
  const notified = agent.stdio[NOTIFY] as Readable;
  notified.resume();
  await once(notified, 'close'); // it is registered, or has ended
  return () => agent.kill();
}
