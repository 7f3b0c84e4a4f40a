import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from './main.ts';

/** Path of a small image or store that lies in the repository, with the command that made it. */
export const fixture = (name: string): string => fileURLToPath(new URL(`../../e2e/fixtures/${name}`, import.meta.url));
export const validImage = (name: string): string =>
  fileURLToPath(new URL(`../../shared/testing/images/${name}`, import.meta.url));

export interface Outcome {
  readonly status: number;
  /** Latin-1: a letter a byte. */
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, with files in place of the terminal. */
export async function run(...argv: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'composcope-cli-'));
  const [out, err] = [join(folder, 'out'), join(folder, 'err')];
  const fds = { out: openSync(out, 'w'), err: openSync(err, 'w') };
  try {
    const status = await main(argv, fds);
    return { status, out: readFileSync(out, 'latin1'), err: readFileSync(err, 'utf8') };
  } finally {
    closeSync(fds.out);
    closeSync(fds.err);
    rmSync(folder, { recursive: true });
  }
}
