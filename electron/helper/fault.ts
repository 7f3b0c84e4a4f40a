import type { MountCause } from '../../shared/contract/mount-values.ts';

/** A call of the kernel that failed. */
export class SyscallError extends Error {
  override readonly name = 'SyscallError';
  readonly call: string;
  /** `EINVAL`, … */
  readonly errno: string;

  constructor(call: string, errno: string) {
    super(`${call}: ${errno}`);
    this.call = call;
    this.errno = errno;
  }
}

/** Why the helper does not do as asked. The message is a clause, without a stop. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: 'invalid-request' | 'out-of-order' | 'not-allowed' | 'failed';
  /** The cause, where it was seen and need not be concluded. */
  readonly reason: MountCause | undefined;
  readonly path: string | undefined;
  readonly errno: string | undefined;

  constructor(
    code: Fault['code'],
    message: string,
    at: { readonly reason?: MountCause; readonly path?: string; readonly errno?: string } = {},
  ) {
    super(message);
    this.code = code;
    this.reason = at.reason;
    this.path = at.path;
    this.errno = at.errno;
  }
}
