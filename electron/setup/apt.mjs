import { output, run } from './run.mjs';
import { SetupError } from './say.mjs';

/** Whether the system's packages are ours to install without a question: root's, or sudo's without a password. */
export function mayInstallPackages() {
  return sudo().length === 0 || output('sudo', ['-n', 'true']) !== undefined;
}

/** Installs packages of the system's distribution. @param {readonly string[]} names @throws {SetupError} */
export async function installPackages(names) {
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...names];
  // lists that are too old name versions that are gone: fetch new ones, once
  if ((await aptGet(install)) === 0) return;
  await updateLists();
  if ((await aptGet(install)) !== 0) throw new SetupError(`apt-get could not install them; its words are above`);
}

/** Fetches the lists of what there is to install. */
export async function updateLists() {
  await aptGet(['update']);
}

/** A package that can be installed, not only a name that others mention. @param {string} name */
export const isInArchive = (name) =>
  /^ {2}Candidate: [^(]/m.test(output('apt-cache', ['policy', name], { env: { ...process.env, LC_ALL: 'C' } }) ?? '');

/** @param {readonly string[]} args */
function aptGet(args) {
  const [command = '', ...rest] = [...sudo(), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  return run(command, rest, { stdio: ['ignore', 'ignore', 2] });
}

const sudo = () => (process.getuid?.() === 0 ? [] : ['sudo', '-n']);
