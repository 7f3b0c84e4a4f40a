import { closeSync, constants, fstatSync } from 'node:fs';
import type { HelperResponses } from '../../shared/contract/helper.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { enableVerity, measureVerity } from '../kernel/verity-ioctl.ts';
import type { Caller } from './caller.ts';
import { Fault } from './fault.ts';
import { openNoLinks } from './syscalls.ts';

/** What the kernel measures of a file that the caller may read. @throws Fault */
export function measureOf(caller: Caller, path: string): HelperResponses['measure'] {
  return withFile(caller, path, (fd) => measure(fd, path));
}

/** Seals a file that belongs to the caller. @throws Fault; of a file that is sealed already, EEXIST */
export function enableVerityOf(
  caller: Caller,
  path: string,
  algorithm: VerityAlgorithm,
): HelperResponses['enable-verity'] {
  return withFile(caller, path, (fd) => {
    const { uid } = fstatSync(fd);
    if (caller.uid !== 0 && uid !== caller.uid) {
      throw new Fault('not-allowed', `the file belongs to user ${uid}, not to you`, { reason: 'not-permitted', path });
    }
    const errno = enableVerity(fd, algorithm);
    if (errno !== undefined) throw new Fault('failed', `it cannot be sealed: ${errno}`, { path, errno });
    return measure(fd, path);
  });
}

function measure(fd: number, path: string): HelperResponses['measure'] {
  const measured = measureVerity(fd);
  if ('errno' in measured) {
    const { errno } = measured;
    throw new Fault('failed', `it is not sealed: ${errno}`, { reason: 'no-image-seal', path, errno });
  }
  return { algorithm: measured.algorithm, digest: Buffer.from(measured.digest).toString('hex') };
}

function withFile<T>(caller: Caller, path: string, run: (fd: number) => T): T {
  const fd = caller.as(() => openNoLinks(path, constants.O_RDONLY | constants.O_NONBLOCK));
  try {
    if (!fstatSync(fd).isFile()) throw new Fault('failed', 'it is no regular file', { reason: 'not-a-file', path });
    return run(fd);
  } finally {
    closeSync(fd);
  }
}
