import { constants as fsConstants } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { SyscallError } from './fault.ts';

/**
 * The kernel's mount calls by file descriptor, which neither Node nor older C libraries have: libc's syscall(2) makes
 * them, through koffi. Their numbers are the same on all architectures that came to Linux after them, and on x86-64.
 * @see Linux include/uapi/linux/mount.h, openat2.h, loop.h, memfd.h; include/uapi/asm-generic/unistd.h
 */

const SYS = { moveMount: 429, fsopen: 430, fsconfig: 431, fsmount: 432, openat2: 437 } as const;

const AT_FDCWD = -100;
const AT_REMOVEDIR = 0x200;
export const O_PATH = 0x20_0000;
const O_CLOEXEC = 0x8_0000;
const RESOLVE_NO_MAGICLINKS = 2n;
const RESOLVE_NO_SYMLINKS = 4n;

const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSCONFIG = { flag: 0, string: 1, fd: 5, create: 6 } as const;
export const MOUNT_ATTR = { readOnly: 1, noSuid: 2, noDev: 4, noExec: 8 } as const;
const MOVE_MOUNT_EMPTY_PATHS = 0x04 | 0x40;
const MNT_DETACH = 2;
const UMOUNT_NOFOLLOW = 8;

const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
/** Sealed against further seals, shrinking, growing, writing. */
const ALL_SEALS = 1 | 2 | 4 | 8;

const LOOP_CTL_GET_FREE = 0x4c82;
const LOOP_CONFIGURE = 0x4c0a;
const LOOP_FLAGS = { readOnly: 1, autoclear: 4, directIo: 16 } as const;
const LOOP_CONFIG_SIZE = 304;

type Call = (...values: readonly unknown[]) => number | bigint;

interface Native {
  readonly [name: string]: Call;
  readonly errno: () => number;
}

let native: Native | undefined;

function load(): Native {
  if (native !== undefined) return native;
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load(null);
  const bind = (prototype: string): Call => library.func(prototype) as Call;
  native = {
    openat2: bind('long syscall(long number, int at, void *path, void *how, size_t size)'),
    fsopen: bind('long syscall(long number, void *name, unsigned int flags)'),
    fsconfig: bind('long syscall(long number, int fd, unsigned int command, void *key, void *value, int aux)'),
    fsmount: bind('long syscall(long number, int fd, unsigned int flags, unsigned int attributes)'),
    moveMount: bind('long syscall(long number, int from, void *fromPath, int to, void *toPath, unsigned int flags)'),
    umount2: bind('int umount2(void *path, int flags)'),
    mkdirat: bind('int mkdirat(int at, void *path, unsigned int mode)'),
    unlinkat: bind('int unlinkat(int at, void *path, int flags)'),
    ioctl: bind('int ioctl(int fd, unsigned long request, void *argument)'),
    ioctlNumber: bind('int ioctl(int fd, unsigned long request, long argument)'),
    memfdCreate: bind('int memfd_create(void *name, unsigned int flags)'),
    fcntl: bind('int fcntl(int fd, int command, int argument)'),
    lseek: bind('int64_t lseek(int fd, int64_t offset, int whence)'),
    errno: () => koffi.errno(),
  };
  return native;
}

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// numbers that share two names, and those that Node has no name for
names.set(11, 'EAGAIN').set(95, 'EOPNOTSUPP').set(117, 'EUCLEAN').set(15, 'ENOTBLK').set(129, 'EKEYREJECTED');
const errnoName = (number: number): string => names.get(number) ?? `errno ${number}`;

/** Calls, and throws the errno. @throws SyscallError */
function call(name: string, shown: string, ...values: readonly unknown[]): number {
  const libc = load();
  const run = libc[name];
  if (run === undefined) throw new Error(`no such call: ${name}`);
  const result = Number(run(...values));
  if (result < 0) throw new SyscallError(shown, errnoName(libc.errno()));
  return result;
}

const text = (value: string): Buffer => Buffer.from(`${value}\0`);

/** Opens a path that no symlink is part of. @param flags of open(2); O_CLOEXEC is added. @throws SyscallError ELOOP at one */
export function openNoLinks(path: string, flags: number, at: number = AT_FDCWD): number {
  const how = Buffer.alloc(24);
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0);
  how.writeBigUInt64LE(RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS, 16);
  return call('openat2', 'openat2', SYS.openat2, at, text(path), how, how.length);
}

/** A directory of an open one, or of a mount that is nowhere. */
export const openDirectoryAt = (at: number, path: string): number =>
  openNoLinks(path, fsConstants.O_RDONLY | fsConstants.O_DIRECTORY, at);

export const makeDirectoryAt = (at: number, name: string, mode: number): void =>
  void call('mkdirat', 'mkdirat', at, text(name), mode);

/** Removes a directory that is empty. */
export const removeDirectoryAt = (at: number, name: string): void =>
  void call('unlinkat', 'rmdir', at, text(name), AT_REMOVEDIR);

/** A file system that is to be set up. */
export const fsopen = (type: string): number => call('fsopen', 'fsopen', SYS.fsopen, text(type), FSOPEN_CLOEXEC);

export const setString = (context: number, key: string, value: string): void =>
  void call('fsconfig', 'fsconfig', SYS.fsconfig, context, FSCONFIG.string, text(key), text(value), 0);

export const setFlag = (context: number, key: string): void =>
  void call('fsconfig', 'fsconfig', SYS.fsconfig, context, FSCONFIG.flag, text(key), null, 0);

export const setDescriptor = (context: number, key: string, fd: number): void =>
  void call('fsconfig', 'fsconfig', SYS.fsconfig, context, FSCONFIG.fd, text(key), null, fd);

/** Makes the superblock. */
export const create = (context: number): void =>
  void call('fsconfig', 'fsconfig', SYS.fsconfig, context, FSCONFIG.create, null, null, 0);

/** A mount that is nowhere yet. @param attributes of MOUNT_ATTR */
export const fsmount = (context: number, attributes: number): number =>
  call('fsmount', 'fsmount', SYS.fsmount, context, FSMOUNT_CLOEXEC, attributes);

/** Puts a mount where a directory is, both by descriptor. */
export const moveMount = (mount: number, directory: number): void =>
  void call('moveMount', 'move_mount', SYS.moveMount, mount, text(''), directory, text(''), MOVE_MOUNT_EMPTY_PATHS);

/** Takes the uppermost mount away that lies at a path; a symlink there is not followed. */
export const unmountAt = (path: string, { lazy }: { readonly lazy: boolean }): void =>
  void call('umount2', 'umount2', text(path), UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0));

/** A file that lies in memory alone, and can be sealed. */
export const memoryFile = (name: string): number =>
  call('memfdCreate', 'memfd_create', text(name), MFD_CLOEXEC | MFD_ALLOW_SEALING);

/** From now on nobody changes it. */
export const sealMemory = (fd: number): void => void call('fcntl', 'fcntl', fd, F_ADD_SEALS, ALL_SEALS);

/** Number of a loop device that nobody uses at this moment. @param control /dev/loop-control */
export const freeLoop = (control: number): number =>
  call('ioctlNumber', 'LOOP_CTL_GET_FREE', control, LOOP_CTL_GET_FREE, 0);

/** Gives a file to a loop device, read-only, which lets go of it when its last user does. @throws SyscallError EBUSY: taken */
export function configureLoop(device: number, file: number, { directIo }: { readonly directIo: boolean }): void {
  const config = Buffer.alloc(LOOP_CONFIG_SIZE);
  config.writeUInt32LE(file, 0);
  config.writeUInt32LE(4096, 4); // block size
  // struct loop_info64 from byte 8 on, lo_flags at 52 of it
  config.writeUInt32LE(LOOP_FLAGS.readOnly | LOOP_FLAGS.autoclear | (directIo ? LOOP_FLAGS.directIo : 0), 8 + 52);
  call('ioctl', 'LOOP_CONFIGURE', device, LOOP_CONFIGURE, config);
}

/** The end of a file that only its reader moves in. */
export const seekEnd = (fd: number): void => void call('lseek', 'lseek', fd, 0, 2);
