import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './display.mjs';
import { ensureElectron } from './electron.mjs';
import { ensureLibraries, sandboxHindrance } from './libraries.mjs';
import { inRoot, root } from './paths.mjs';
import { run } from './run.mjs';
import { runMain, say, SetupError } from './say.mjs';

const USAGE = 'npm start [-- [--screenshot FILE.png] PATH…]';

/**
 * What the command line asks for.
 *
 * @param {readonly string[]} args
 * @returns {{ screenshot: string | undefined, paths: string[] }}
 */
export function parseArguments(args) {
  /** @type {string | undefined} */
  let screenshot;
  const paths = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      paths.push(...args.slice(index + 1));
      break;
    }
    if (arg === '--screenshot' || arg.startsWith('--screenshot=')) {
      screenshot = arg === '--screenshot' ? args[++index] : arg.slice('--screenshot='.length);
      if (!screenshot) throw new SetupError(`--screenshot needs a file: ${USAGE}`);
    } else if (arg.startsWith('-')) {
      throw new SetupError(`unknown option ${arg}: ${USAGE}`);
    } else {
      paths.push(arg);
    }
  }
  return { screenshot, paths };
}

async function main() {
  const { screenshot, paths } = parseArguments(process.argv.slice(2));
  // relative paths mean the folder that npm was called in, not the checkout
  const base = process.env['INIT_CWD'] ?? process.cwd();
  const absolute = (/** @type {string} */ path) => resolve(base, path);
  const opened = paths.length > 0 ? paths.map(absolute) : [inRoot('assets/demo/demo.cfs')];
  for (const path of opened) if (!existsSync(path)) throw new SetupError(`there is no ${path}`);

  await ensureDependencies();
  const electron = await ensureElectron();
  const needsDisplay = !hasDisplay();
  await ensureLibraries(electron.path, { needsDisplay });
  await ensureBuild();
  const hindrance = sandboxHindrance(electron.path);
  if (hindrance) throw new SetupError(hindrance);

  const display = needsDisplay ? { DISPLAY: await startVirtualDisplay() } : {};
  const picture =
    screenshot === undefined ? (needsDisplay ? absolute('composcope.png') : undefined) : absolute(screenshot);
  if (picture !== undefined) say(`writing a picture of the window to ${picture}`);
  const environment = {
    ...process.env,
    ...display,
    COMPOSCOPE_ELECTRON_SOURCE: electron.source,
    ...(picture === undefined ? {} : { COMPOSCOPE_SCREENSHOT: picture }),
  };
  // Chromium refuses to run its sandbox as root; an ordinary user's start always has it
  const flags = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return run(electron.path, [...flags, root, '--', ...opened], { env: environment });
}

if (process.argv[1]?.endsWith('start.mjs')) await runMain(main);
