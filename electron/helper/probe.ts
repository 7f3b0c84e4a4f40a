import { closeSync, constants } from 'node:fs';
import type { KernelProbe } from '../../shared/contract/helper.ts';
import { freeLoop, fsopen, openNoLinks, setDescriptor, setString } from './syscalls.ts';
import { errnoOf } from './trace.ts';

/** Asks the kernel what it can mount, by setting options on file systems that are never made. */
export function probe(): KernelProbe {
  const erofs = withContext('erofs', () => undefined);
  const overlay = withContext('overlay', () => undefined);
  return {
    erofs,
    overlay,
    layerOptions: overlay === undefined ? layerOptions() : 'one-string',
    verity: overlay === undefined && withContext('overlay', (fd) => setString(fd, 'verity', 'off')) === undefined,
    loop: loopErrno(),
  };
}

function layerOptions(): KernelProbe['layerOptions'] {
  const root = openNoLinks('/', constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    if (withContext('overlay', (fd) => setDescriptor(fd, 'lowerdir+', root)) === undefined) return 'descriptors';
    return withContext('overlay', (fd) => setString(fd, 'lowerdir+', '/')) === undefined ? 'paths' : 'one-string';
  } finally {
    closeSync(root);
  }
}

/** @returns the errno; undefined: it went well */
function withContext(type: string, run: (context: number) => void): string | undefined {
  return errnoWhile(() => {
    const context = fsopen(type);
    try {
      run(context);
    } finally {
      closeSync(context);
    }
  });
}

function loopErrno(): string | undefined {
  return errnoWhile(() => {
    const control = openNoLinks('/dev/loop-control', constants.O_RDWR);
    try {
      freeLoop(control);
    } finally {
      closeSync(control);
    }
  });
}

function errnoWhile(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined) throw error;
    return errno;
  }
}
