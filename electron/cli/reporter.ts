import { isatty } from 'node:tty';
import { toWireError } from '../../shared/contract/wire-error.ts';
import type { WireError } from '../../shared/contract/values.ts';
import { CliError, Status } from './cli-error.ts';
import { ClosedPipe, OutputError } from './output.ts';
import type { Output } from './output.ts';

/** Problems of one image that are told in full; `info` tells all. */
const MAX_TOLD = 20;

/** Tells on standard error what went wrong, and keeps the exit status. */
export class Reporter {
  readonly #stderr: Output;
  readonly #json: boolean;
  readonly #progress: boolean;
  #status: number = Status.ok;
  #isProgressShown = false;

  constructor(stderr: Output, json: boolean) {
    this.#stderr = stderr;
    this.#json = json;
    this.#progress = !json && isatty(2);
  }

  /** The worst of what was reported. */
  get status(): number {
    return this.#status;
  }

  /** Notes the exit status without a word. */
  note(status: number): void {
    this.#status = Math.max(this.#status, status);
  }

  /**
   * One line of what happened, and the exit status that follows.
   *
   * @param file the file that was worked on, where the error itself names none
   * @throws the error itself where there is no use in going on: output that cannot be written
   */
  error(cause: unknown, file?: string): void {
    if (cause instanceof ClosedPipe || cause instanceof OutputError) throw cause;
    this.note(cause instanceof CliError ? cause.status : Status.input);
    this.#line(wireError(cause, file));
  }

  /** Several errors of one image: the first few in full, then how many more. */
  errors(list: readonly WireError[], total: number, file: string): void {
    if (total === 0) return;
    this.note(Status.input);
    for (const error of list.slice(0, MAX_TOLD)) this.#line(error);
    const more = total - Math.min(list.length, MAX_TOLD);
    if (more > 0) {
      const message = `${more} more problems of this kind; \`composcope info\` lists them`;
      this.#line({ code: 'more', message, file, path: undefined, offset: undefined });
    }
  }

  /** How far a long job is; on a terminal only, in one line that is written over. */
  progress(text: string): void {
    if (!this.#progress) return;
    this.#isProgressShown = true;
    this.#tell(`\r\x1b[K${text}`);
  }

  progressDone(): void {
    if (this.#isProgressShown) this.#tell('\r\x1b[K');
    this.#isProgressShown = false;
  }

  #line(error: WireError): void {
    this.progressDone();
    this.#tell(`${this.#json ? JSON.stringify({ error }) : `composcope: ${errorLine(error)}`}\n`);
  }

  /** Where standard error is closed or full, there is no place left to complain. */
  #tell(text: string): void {
    try {
      this.#stderr.text(text);
      this.#stderr.flush();
    } catch (error) {
      if (!(error instanceof ClosedPipe || error instanceof OutputError)) throw error;
    }
  }
}

/** An error as data, its message a clause that does not say again what the other fields say. */
export function wireError(cause: unknown, file?: string): WireError {
  if (cause instanceof CliError) {
    const { code, message, path, offset } = cause;
    return { code, message, file: cause.file ?? file, path, offset };
  }
  const error = toWireError(cause, file);
  // of a file-system call: `ENOENT: no such file or directory, open 'x.cfs'`
  const words = /^E[A-Z0-9]+: (.*?), [a-z]+(?: '.*')?$/s.exec(error.message)?.[1] ?? error.message;
  const place = `${error.file ?? ''}: `;
  return { ...error, message: words.startsWith(place) ? words.slice(place.length) : words };
}

/** `FILE: PATH: what is wrong (byte N)`, in one line whatever the names hold. */
export function errorLine({ message, file, path, offset }: WireError): string {
  // a sentence that begins with the file's name needs no other
  const isNamed = path === undefined && file !== undefined && message.startsWith(`${file} `);
  const place = (isNamed ? [] : [file, path])
    .filter((part) => part !== undefined)
    .map((part) => `${inOneLine(part)}: `);
  return `${place.join('')}${inOneLine(message).replace(/\.$/, '')}${offset === undefined ? '' : ` (byte ${offset})`}`;
}

/** Control characters of a file name would move the cursor, or look like another line. */
const inOneLine = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);
