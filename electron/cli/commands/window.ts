import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError, Status } from '../cli-error.ts';
import type { Context } from '../context.ts';

/** How to start the window: what to run, with what before the paths. */
interface Launch {
  readonly command: string;
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Opens the window on paths, and waits until it is closed: in a checkout as `npm start` does, in a packaged app with its
 * own binary.
 *
 * @throws CliError where there is no app to start
 */
export async function openWindow({ reporter }: Context, paths: readonly string[]): Promise<void> {
  const { command, argv, env } = launchOf(dirname(fileURLToPath(import.meta.url)));
  const absolute = paths.map((path) => resolve(path));
  const status = await new Promise<number>((done, fail) => {
    const child = spawn(command, [...argv, ...absolute], { stdio: 'inherit', env });
    child.once('error', (error) => {
      fail(
        new CliError(Status.input, 'no-window', `the window cannot be started: ${error.message}`, { file: command }),
      );
    });
    child.once('exit', (code, signal) => done(code ?? (signal === null ? Status.ok : Status.input)));
  });
  reporter.note(status);
}

/** @param from the folder of the built command line, two levels below the app's */
function launchOf(from: string): Launch {
  const app = resolve(from, '../..');
  const env = { ...process.env };
  delete env['ELECTRON_RUN_AS_NODE'];
  // the app's own binary runs us as Node: it is the window, too
  if (process.versions['electron'] !== undefined) return { command: process.execPath, argv: ['--'], env };
  for (const name of ['composcope', 'Composcope.exe', '../MacOS/Composcope']) {
    const binary = resolve(app, '../..', name);
    if (existsSync(join(app, '../../resources')) && existsSync(binary)) return { command: binary, argv: ['--'], env };
  }
  const start = join(app, 'electron/setup/start.mjs');
  if (existsSync(start)) return { command: process.execPath, argv: [start], env };
  throw new CliError(
    Status.input,
    'no-window',
    'there is no Electron and nothing that could set one up here; the commands work without one, see `composcope help`',
  );
}
