/** Exit statuses, the same for all commands (DESIGN.md, "The command line"). */
export const Status = {
  ok: 0,
  /** Differences or failures found. */
  found: 1,
  usage: 2,
  /** Input unreadable or invalid, or output that could not be written. */
  input: 3,
  /** What a shell shows for a process that SIGPIPE ended: Node ignores the signal, so we say it ourselves. */
  closedPipe: 141,
} as const;

/** Something that a command cannot do: what, and on which file, path and byte. The message is a clause, without a stop. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly status: number;
  /** See `WireError`, and `usage`. */
  readonly code: string;
  readonly file: string | undefined;
  readonly path: string | undefined;
  readonly offset: number | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    at: { readonly file?: string; readonly path?: string | undefined; readonly offset?: number | undefined } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.file = at.file;
    this.path = at.path;
    this.offset = at.offset;
  }
}
