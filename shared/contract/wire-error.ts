import { ImageError } from '../erofs/image-error.ts';
import type { WireError } from './values.ts';

/** An error that a call answers with: its code and where it lies are kept, all else about errors is not for the window. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** See `WireError`. */
  readonly code: string;
  readonly file: string | undefined;
  readonly path: string | undefined;
  readonly offset: number | undefined;

  constructor(
    code: string,
    message: string,
    at: { file?: string; path?: string | undefined; offset?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, at.cause === undefined ? undefined : { cause: at.cause });
    this.code = code;
    this.file = at.file;
    this.path = at.path;
    this.offset = at.offset;
  }
}

/** What Node puts on the errors of file-system calls. */
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? (value as Record<string, unknown>)[name] : undefined;

const isErrno = (code: string | undefined): code is string => code !== undefined && /^E[A-Z0-9_]+$/.test(code);

/**
 * An error as data, since Electron and birpc keep only the message of a thrown one. `ImageError` and `CallError` keep
 * code and place; errors of file-system calls their errno and file; what was aborted is `cancelled`; the rest is a bug
 * of ours: `internal`.
 *
 * @param file the file on disk that was worked on, where the error itself names none
 */
export function toWireError(cause: unknown, file?: string): WireError {
  if (cause instanceof ImageError) {
    return { code: cause.code, message: cause.message, file, path: cause.path, offset: cause.offset };
  }
  if (cause instanceof CallError) {
    const { code, message, path, offset } = cause;
    return { code, message, file: cause.file ?? file, path, offset };
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  const nowhere = { path: undefined, offset: undefined };
  if (property(cause, 'name') === 'AbortError') return { code: 'cancelled', message: 'Cancelled.', file, ...nowhere };
  const code = text(property(cause, 'code'));
  if (isErrno(code)) return { code, message, file: text(property(cause, 'path')) ?? file, ...nowhere };
  return { code: 'internal', message, file, ...nowhere };
}
