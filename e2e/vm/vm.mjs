import { copyFileSync, appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installPackages, mayInstallPackages } from '../../electron/setup/apt.mjs';
import { hasProgram } from '../../electron/setup/libraries.mjs';
import { start } from '../../electron/setup/run.mjs';
import { say, SetupError } from '../../electron/setup/say.mjs';
import { writeCpio } from './cpio.mjs';

const QEMU = 'qemu-system-x86_64';
const MB = 2 ** 20;
const BOOT_MS = 60_000;
const POWEROFF_MS = 10_000;
const ATTEMPTS = 3;

/**
 * What came out of the machine.
 *
 * @typedef {object} Outcome
 * @property {string} stdout of the guest's script
 * @property {string} stderr
 * @property {string} console the kernel's messages from the start
 * @property {number | undefined} status exit status of the script; undefined: it ran out of time, or the guest died
 */

/** Installs QEMU where it is missing, or says how. @throws {SetupError} */
export async function ensureQemu() {
  if (hasProgram(QEMU)) return;
  if (!hasProgram('apt-get')) throw new SetupError(`${QEMU} is missing. Install it with the system's package manager.`);
  if (!mayInstallPackages())
    throw new SetupError(`${QEMU} is missing. Install with: sudo apt-get install qemu-system-x86`);
  say('installing qemu-system-x86');
  await installPackages(['qemu-system-x86']);
}

/**
 * Boots a machine that is thrown away, with a root of its own in memory and two empty disks, and runs /init of its files.
 * /init says `up SECONDS` and `exit STATUS` on the port `status`; the script's output goes to the ports `stdout`, `stderr`.
 *
 * @param {import('./base.mjs').Base} base
 * @param {Iterable<import('./cpio.mjs').Member>} files added to the root of the base
 * @param {{ timeLimitMs: number, part: string }} options of the script, from its start; what it finds in PART
 * @returns {Promise<Outcome>}
 * @throws {SetupError} where it does not get as far as the script
 */
export async function runInVm(base, files, options) {
  const work = mkdtempSync(join(tmpdir(), 'composcope-vm-'));
  const remove = () => rmSync(work, { recursive: true, force: true });
  process.on('exit', remove);
  try {
    writeCpio(join(work, 'files.cpio'), files);
    copyFileSync(base.initrd, join(work, 'initrd'));
    appendFileSync(join(work, 'initrd'), readFileSync(join(work, 'files.cpio')));
    for (let attempt = 1; ; attempt++) {
      const { started, log, ...outcome } = await boot(base.kernel, work, options);
      // the script was started: it is never run twice
      if (started) return outcome;
      const end = outcome.console.trimEnd().split('\n').slice(-12).join('\n');
      say(
        `boot ${attempt} of ${ATTEMPTS} failed; QEMU said: ${log.trim() || 'nothing'}; the end of the console:\n${end}`,
      );
      if (attempt === ATTEMPTS) throw new SetupError('the virtual machine does not boot');
    }
  } finally {
    process.off('exit', remove);
    remove();
  }
}

/** @param {string} kernel @param {string} work @param {{ timeLimitMs: number, part: string }} options */
async function boot(kernel, work, { timeLimitMs, part }) {
  const ports = ['status', 'stdout', 'stderr'];
  const disks = { 'verity.img': 512 * MB, 'plain.img': 64 * MB };
  const file = (/** @type {string} */ name) => join(work, name);
  const text = (/** @type {string} */ name) => readFileSync(file(name), 'utf8');
  for (const name of [...ports, 'console', 'log', ...Object.keys(disks)]) writeFileSync(file(name), '');
  for (const [name, size] of Object.entries(disks)) truncateSync(file(name), size);
  // Emulated, as many machines have no KVM to give. QEMU 7.2 does cmpxchg16b wrong now and then and races on two
  // processors, so there is neither.
  const machine = ['-accel', 'tcg', '-cpu', 'max,-cx16', '-smp', '1', '-m', '1024'];
  const nothingElse = ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'];
  // what Linux does not know itself it gives to /init as a variable
  const commandLine = `console=ttyS0 panic=-1 mitigations=off PART=${part}`;
  const linux = ['-kernel', kernel, '-initrd', file('initrd'), '-append', commandLine];
  const drives = Object.keys(disks).flatMap((name) => [
    '-drive',
    `file=${escaped(file(name))},if=virtio,format=raw,cache=unsafe`,
  ]);
  const channels = ports.flatMap((name) => [
    '-chardev',
    `file,id=${name},path=${escaped(file(name))}`,
    '-device',
    `virtserialport,chardev=${name},name=${name}`,
  ]);
  const devices = [
    '-serial',
    `file:${escaped(file('console'))}`,
    ...drives,
    '-device',
    'virtio-serial-pci',
    ...channels,
  ];
  const qemu = start(QEMU, [...machine, ...nothingElse, ...linux, ...devices], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  qemu.stderr?.on('data', (data) => (log += data));
  qemu.on('error', (error) => (log += error.message));
  const ended = Promise.race([once(qemu, 'exit'), once(qemu, 'error')]).catch(() => undefined);
  const isRunning = () => qemu.exitCode === null && qemu.signalCode === null;

  let deadline = Date.now() + BOOT_MS;
  /** @type {'booting' | 'running' | 'done'} */
  let phase = 'booting';
  while (isRunning() && Date.now() < deadline) {
    const status = text('status');
    if (phase === 'booting' && status.startsWith('up ')) {
      phase = 'running';
      deadline = Date.now() + timeLimitMs;
    }
    if (phase === 'running' && status.includes('exit ')) {
      phase = 'done';
      deadline = Date.now() + POWEROFF_MS;
    }
    await Promise.race([ended, sleep(100)]);
  }
  if (isRunning()) qemu.kill('SIGKILL');
  await ended;
  const status = text('status');
  const exit = /^exit (\d+)$/m.exec(status)?.[1];
  return {
    started: status.startsWith('up '),
    log,
    status: exit === undefined ? undefined : Number(exit),
    stdout: text('stdout'),
    stderr: text('stderr'),
    console: text('console'),
  };
}

/** QEMU's options are cut at commas, and doubled ones stand for themselves. @param {string} path */
const escaped = (path) => path.replaceAll(',', ',,');
