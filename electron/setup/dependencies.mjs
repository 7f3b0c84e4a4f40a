import { mkdirSync, writeFileSync } from 'node:fs';
import { inRoot, readIfThere, sha256Of } from './paths.mjs';
import { run } from './run.mjs';
import { say, SetupError } from './say.mjs';

/** Written last, so that an `npm ci` that was interrupted is begun again. */
const stamp = inRoot('node_modules', '.composcope-lock');

/** Installs what package-lock.json names, unless that was done before. */
export async function ensureDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node 20.19 or newer is needed, this is ${process.versions.node}: see https://nodejs.org`);
  }
  const lock = sha256Of(inRoot('package-lock.json'));
  if (readIfThere(stamp) === lock) return;
  say('installing the packages that package-lock.json names (npm ci, once a change)');
  // Scripts of packages are not run: Electron's binary is got below, with a time limit, and no other package needs one.
  const status = await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new SetupError('npm ci failed; its words are above. Is the npm registry in reach?');
  mkdirSync(inRoot('node_modules'), { recursive: true });
  writeFileSync(stamp, lock);
}
