/** Stable codes: add, don't rename. */
export type ImageErrorCode =
  /** The file ends before what it says it holds. */
  | 'truncated'
  /** It is not what it was opened as. */
  | 'bad-magic'
  /** A feature or version that this reader does not know or refuses. */
  | 'unsupported'
  /** The superblock's CRC is not that of the bytes. */
  | 'bad-checksum'
  /** Values that contradict each other or break a rule of the format. */
  | 'corrupt'
  /** A limit on counts or sizes that no honest image reaches. */
  | 'limit';

/** An image, or a part of one, that cannot be read: what, where in the tree, where in the bytes. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: ImageErrorCode;
  /** Inside the image, starting with `/`, bytes that are not UTF-8 as `\xNN`; undefined where no entry is concerned. */
  readonly path: string | undefined;
  /** Bytes from the start of the image. */
  readonly offset: number | undefined;

  constructor(code: ImageErrorCode, message: string, at: { path?: string; offset?: number; cause?: unknown } = {}) {
    super(message, at.cause === undefined ? undefined : { cause: at.cause });
    this.code = code;
    this.path = at.path;
    this.offset = at.offset;
  }
}
