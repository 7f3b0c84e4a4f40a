import { execFile } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import type { HelperMode } from '../../shared/contract/helper.ts';
import type { MountAccess } from '../../shared/contract/mount-values.ts';
import { startOf } from '../kernel/mount-records.ts';

/** What an installed Composcope has, all of it root's: what pkexec starts, and the policy that names it. */
export const LAUNCHER = '/usr/lib/composcope/composcope-helper';

/** Actions of assets/polkit; which one pkexec takes is decided by the launcher's first argument. */
const actions: Readonly<Record<HelperMode, string>> = {
  verified: 'org.composcope.mount-verified',
  any: 'org.composcope.mount-any',
};

/** Where pkexec lies: never looked up by PATH. */
const PKEXEC = '/usr/bin/pkexec';
const PKCHECK = '/usr/bin/pkcheck';
const BUS = '/run/dbus/system_bus_socket';
/** Programs that ask for the password, by the 15 letters that the kernel keeps of a name. */
const AGENTS =
  /^(?:polkit-gnome-au|polkit-kde-auth|polkit-mate-aut|gnome-shell|cinnamon|lxpolkit|lxqt-policykit|xfce-polkit|mate-polkit|ukui-polkit|dde-polkit-agen|budgie-polkit|pkttyagent|hyprpolkitagent|soteria|cosmic-osd|phosh|pantheon-agent|plasmashell)/;

/**
 * How the helper becomes root here: found out before anything is asked, so that nobody meets a failure first.
 *
 * @param canAskHere pkexec can ask for the password in the terminal that we run in
 */
export async function mountAccess(mode: HelperMode, canAskHere: boolean): Promise<MountAccess> {
  if (process.getuid?.() === 0) return { by: 'root', sentence: 'Composcope runs as root: it mounts without asking.' };
  const hindrance = launcherHindrance() ?? pkexecHindrance() ?? (await busHindrance());
  if (hindrance !== undefined) return command(hindrance);
  return fromPolkit(await check(mode), canAskHere);
}

const command = (why: string): MountAccess => ({
  by: 'command',
  sentence: `${why}; so it takes a command in a terminal, with sudo.`,
});

/** pkexec runs it as root: whoever could write to it, or to a folder on the way, would be root. */
function launcherHindrance(): string | undefined {
  if (!existsSync(LAUNCHER))
    return 'Composcope is not installed for the system, so there is nothing that polkit knows of';
  for (let path = LAUNCHER; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const { uid, mode } = statSync(path);
    if (uid !== 0 || (mode & 0o022) !== 0) return `${path} can be written by others than root`;
    if (path === '/') return undefined;
  }
}

function pkexecHindrance(): string | undefined {
  if (!existsSync(PKEXEC)) return 'There is no pkexec';
  const { uid, mode } = statSync(PKEXEC);
  return uid === 0 && (mode & 0o4000) !== 0 ? undefined : 'pkexec is not set up to become root';
}

async function busHindrance(): Promise<string | undefined> {
  try {
    accessSync(BUS, constants.R_OK | constants.W_OK);
  } catch {
    return 'There is no system bus, by which polkit is asked';
  }
  const answers = await new Promise<boolean>((resolve) => {
    const socket = connect(BUS);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
    setTimeout(() => socket.destroy(), 1000).unref();
    socket.once('connect', () => socket.destroy());
  });
  return answers ? undefined : 'Nobody answers on the system bus, by which polkit is asked';
}

/** `allowed` and `denied` without a question, by a rule; `asks`: for a password. */
type Check = 'allowed' | 'denied' | 'asks' | { readonly broken: string };

/** Asks polkit about this process, without anybody being asked for a password. @see pkcheck(1), "Return value" */
async function check(mode: HelperMode): Promise<Check> {
  const subject = `${process.pid},${startOf(process.pid) ?? 0},${process.getuid?.() ?? 0}`;
  const words = ['--action-id', actions[mode], '--process', subject];
  const { status, text } = await new Promise<{ readonly status: unknown; readonly text: string }>((resolve) => {
    execFile(PKCHECK, words, { timeout: 10_000 }, (error, _, stderr) =>
      resolve({ status: error === null ? 0 : error.code, text: stderr.trim() }),
    );
  });
  if (status === 0) return 'allowed';
  if (status === 2 || status === 3) return 'asks';
  if (status === 1 && /not authorized/i.test(text)) return 'denied';
  return { broken: text.split('\n')[0] ?? '' };
}

function fromPolkit(answer: Check, canAskHere: boolean): MountAccess {
  if (answer === 'allowed') return { by: 'pkexec', sentence: 'A rule of this system lets you mount without asking.' };
  if (answer === 'denied') return command('A rule of this system does not let you mount');
  if (typeof answer === 'object')
    return command(`polkit does not answer as it should (${answer.broken || 'no words'})`);
  const agent = runningAgent();
  if (agent !== undefined) return { by: 'pkexec', sentence: `You are asked for a password, by ${agent}.` };
  if (canAskHere) return { by: 'pkexec', sentence: 'You are asked for a password, here in the terminal.' };
  return command('No program that asks for passwords (a polkit agent) runs in this session');
}

/** An agent of this user that we know; polkit itself tells nobody whether there is one. */
export function runningAgent(): string | undefined {
  const uid = process.getuid?.();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (AGENTS.test(name) && statSync(`/proc/${pid}`).uid === uid) return name;
    } catch {
      continue; // it ended meanwhile
    }
  }
  return undefined;
}

/** Whether pkexec can ask in a terminal. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r+'));
    return true;
  } catch {
    return false;
  }
}
