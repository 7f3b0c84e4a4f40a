import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isatty, ReadStream } from 'node:tty';
import { Writable } from 'node:stream';
import { StoreError } from '../engine/stores/store-error.ts';
import { readHead } from '../engine/stores/folder-listing.ts';
import { CliError, Status } from './cli-error.ts';

/** OpenSSL reads no more of a file with passphrases in a line. */
const MAX_LENGTH = 1024;

/** The first line of a file. @throws StoreError */
export async function readPassphrase(path: string): Promise<string> {
  const bytes = await readHead(path, MAX_LENGTH, { follow: true });
  if (bytes === undefined) throw new StoreError('ENOENT', path, `${path}: no such file (ENOENT)`);
  return bytes.toString('utf8').split(/\r?\n/, 1)[0] ?? '';
}

/** Asks on the terminal, and shows nothing of what is typed. @throws CliError where there is no terminal */
export async function askPassphrase(key: string): Promise<string> {
  if (!isatty(0) || !isatty(2)) {
    const message = 'has a passphrase: --passphrase-file names a file that has it in its first line';
    throw new CliError(Status.input, 'passphrase', message, { file: key });
  }
  const terminal = new ReadStream(openSync('/dev/tty', 'r'));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: terminal, output: silent, terminal: true, historySize: 0 });
  process.stderr.write(`Passphrase of ${key}: `);
  try {
    return await new Promise<string>((done, fail) => {
      lines.once('line', done);
      lines.once('SIGINT', () =>
        fail(new CliError(Status.input, 'cancelled', 'no passphrase was given', { file: key })),
      );
      lines.once('close', () =>
        fail(new CliError(Status.input, 'cancelled', 'no passphrase was given', { file: key })),
      );
    });
  } finally {
    process.stderr.write('\n');
    lines.close();
    terminal.destroy();
  }
}
