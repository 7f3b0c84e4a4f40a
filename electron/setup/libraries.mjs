import { existsSync, readFileSync } from 'node:fs';
import { installPackages, isInArchive, mayInstallPackages, updateLists } from './apt.mjs';
import { output } from './run.mjs';
import { say, SetupError } from './say.mjs';

/** Debian package by shared library, as far as Electron asks for one that a bare system may lack. */
const PACKAGES = {
  'libasound.so.2': 'libasound2',
  'libatk-1.0.so.0': 'libatk1.0-0',
  'libatk-bridge-2.0.so.0': 'libatk-bridge2.0-0',
  'libatspi.so.0': 'libatspi2.0-0',
  'libcairo.so.2': 'libcairo2',
  'libcups.so.2': 'libcups2',
  'libdbus-1.so.3': 'libdbus-1-3',
  'libdrm.so.2': 'libdrm2',
  'libexpat.so.1': 'libexpat1',
  'libgbm.so.1': 'libgbm1',
  'libgdk_pixbuf-2.0.so.0': 'libgdk-pixbuf-2.0-0',
  'libgio-2.0.so.0': 'libglib2.0-0',
  'libglib-2.0.so.0': 'libglib2.0-0',
  'libgobject-2.0.so.0': 'libglib2.0-0',
  'libgdk-3.so.0': 'libgtk-3-0',
  'libgtk-3.so.0': 'libgtk-3-0',
  'libnspr4.so': 'libnspr4',
  'libnss3.so': 'libnss3',
  'libnssutil3.so': 'libnss3',
  'libsmime3.so': 'libnss3',
  'libpango-1.0.so.0': 'libpango-1.0-0',
  'libudev.so.1': 'libudev1',
  'libX11.so.6': 'libx11-6',
  'libxcb.so.1': 'libxcb1',
  'libXcomposite.so.1': 'libxcomposite1',
  'libXdamage.so.1': 'libxdamage1',
  'libXext.so.6': 'libxext6',
  'libXfixes.so.3': 'libxfixes3',
  'libxkbcommon.so.0': 'libxkbcommon0',
  'libXrandr.so.2': 'libxrandr2',
};

/** Names of the libraries that `ldd` did not find. @param {string} text what it printed */
export function missingLibraries(text) {
  return [...new Set([...text.matchAll(/^\s*(\S+) => not found/gm)].map(([, name = '']) => name))];
}

/**
 * Debian packages for libraries, each once; `unknown` are the libraries that this table does not know.
 *
 * @param {readonly string[]} libraries
 * @param {(name: string) => boolean} exists whether the distribution has a package of that name
 */
export function packagesFor(libraries, exists) {
  const known = /** @type {Record<string, string | undefined>} */ (PACKAGES);
  const names = new Set(libraries.flatMap((library) => known[library] ?? []));
  return {
    // since the move to a 64-bit time_t (Debian 13, Ubuntu 24.04), some packages have another name
    packages: [...names].map((name) => (exists(`${name}t64`) ? `${name}t64` : name)),
    unknown: libraries.filter((library) => known[library] === undefined),
  };
}

/**
 * Installs the system libraries that the binary lacks, and the virtual display where one is needed, or says which and how.
 *
 * @param {string} electron path of the binary
 * @param {{ needsDisplay: boolean }} options
 */
export async function ensureLibraries(electron, { needsDisplay }) {
  if (process.platform !== 'linux') return;
  const libraries = missingLibraries(output('ldd', [electron]) ?? '');
  const wantsXvfb = needsDisplay && !hasProgram('Xvfb');
  const wantsFont = !hasFont();
  if (libraries.length === 0 && !wantsXvfb && !wantsFont) return;
  const what = [
    ...libraries,
    ...(wantsXvfb ? ['Xvfb, a display without a screen'] : []),
    ...(wantsFont ? ['a font'] : []),
  ].join(', ');
  if (!hasProgram('apt-get')) {
    if (libraries.length === 0 && !wantsXvfb) return;
    throw new SetupError(
      `Electron needs what this system lacks: ${what}. Install it with the system's package manager.`,
    );
  }
  const mayInstall = mayInstallPackages();
  // on a fresh machine apt knows what is installed, and nothing else
  if (mayInstall && !isInArchive('xvfb')) await updateLists();
  const { packages, unknown } = packagesFor(libraries, isInArchive);
  if (unknown.length > 0)
    throw new SetupError(`Electron needs libraries that this set-up knows no package of: ${unknown.join(', ')}`);
  const wanted = [...packages, ...(wantsXvfb ? ['xvfb'] : []), ...(wantsFont ? ['fonts-dejavu-core'] : [])];
  if (!mayInstall) {
    if (libraries.length === 0 && !wantsXvfb) return;
    throw new SetupError(`Electron needs ${what}. Install with: sudo apt-get install ${wanted.join(' ')}`);
  }
  say(`installing ${wanted.join(' ')}: Electron needs ${what}`);
  await installPackages(wanted);
}

/** @param {string} name */
export function hasProgram(name) {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(`${folder}/${name}`));
}

function hasFont() {
  const list = output('fc-list', []);
  return list === undefined ? existsSync('/usr/share/fonts/truetype') : list.trim() !== '';
}

/** Why Chromium's sandbox will not start for an ordinary user, and what to do; undefined where it will. @param {string} electron */
export function sandboxHindrance(electron) {
  if (process.platform !== 'linux' || process.getuid?.() === 0 || mayMakeNamespaces()) return undefined;
  const helper = electron.replace(/electron$/, 'chrome-sandbox');
  if (output('stat', ['-c', '%u %a', helper])?.trim() === '0 4755') return undefined;
  return `this system keeps ordinary users from making namespaces, which Chromium's sandbox needs. Let its helper do it: sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'`;
}

/** Tried, where there is a program to try it: sysctls, AppArmor, containers and chroots each have a way to forbid it. */
function mayMakeNamespaces() {
  if (hasProgram('unshare')) return output('unshare', ['--user', '--map-root-user', 'true']) !== undefined;
  return (
    !isSet('/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1') &&
    !isSet('/proc/sys/kernel/unprivileged_userns_clone', '0')
  );
}

/** Whether a file of the kernel's settings holds a value. @param {string} file @param {string} value */
const isSet = (file, value) => existsSync(file) && readFileSync(file, 'utf8').trim() === value;
