import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { verityAlgorithms } from '../../shared/verity/fs-verity.ts';

/**
 * fs-verity as the kernel has it of an open file, by ioctl(2): Node has no call for that, so koffi makes it.
 * @see Linux include/uapi/linux/fsverity.h, Documentation/filesystems/fsverity.rst
 */

const FS_IOC_ENABLE_VERITY = 0x4080_6685;
const FS_IOC_MEASURE_VERITY = 0xc004_6686;
const FS_IOC_READ_VERITY_METADATA = 0xc028_6687;
const FS_VERITY_METADATA_TYPE_DESCRIPTOR = 2n;
const DESCRIPTOR_SIZE = 256;
const MAX_DIGEST = 64;

/** What the kernel measured. */
export interface Measured {
  readonly algorithm: VerityAlgorithm;
  readonly digest: Uint8Array;
}

/** The parameters of a file's Merkle tree. */
export interface Descriptor {
  readonly blockSize: number;
  readonly salt: Uint8Array;
}

type Ioctl = (fd: number, request: number, argument: unknown) => number;

interface Native {
  readonly ioctl: Ioctl;
  readonly koffi: typeof import('koffi');
  readonly exit: (status: number) => void;
}

let native: Native | undefined;

/** Loaded on first use: a listing has no use for it. @throws where the system is not Linux, or koffi not for it */
function load(): Native {
  if (native !== undefined) return native;
  if (process.platform !== 'linux') throw new Error(`there is no fs-verity on ${process.platform}`);
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load(null);
  native = {
    ioctl: library.func('int ioctl(int fd, unsigned long request, void *argument)') as Ioctl,
    koffi,
    exit: library.func('void _exit(int status)') as (status: number) => void,
  };
  return native;
}

/** Calls ioctl. @returns the errno's name; undefined: it went well */
function call(fd: number, request: number, argument: unknown): string | undefined {
  const { ioctl, koffi } = load();
  return ioctl(fd, request, argument) < 0 ? errnoName(koffi.errno()) : undefined;
}

const names = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));
// EWOULDBLOCK and ENOTSUP share their numbers with others: the names of the manual pages
names.set(constants.errno.EOPNOTSUPP, 'EOPNOTSUPP');
const errnoName = (number: number): string => names.get(number) ?? `errno ${number}`;

/** Errnos that mean: this file is not sealed, or cannot be here. */
const notSealed: ReadonlySet<string> = new Set(['ENODATA', 'EOPNOTSUPP', 'ENOTTY', 'ENOSYS', 'EINVAL']);

/** The kernel's measurement of an open file (FS_IOC_MEASURE_VERITY); reads no data. Otherwise the errno. */
export function measureVerity(fd: number): Measured | { readonly errno: string } {
  const argument = Buffer.alloc(4 + MAX_DIGEST);
  argument.writeUInt16LE(MAX_DIGEST, 2);
  const errno = call(fd, FS_IOC_MEASURE_VERITY, argument);
  if (errno !== undefined) return { errno };
  const id = argument.readUInt16LE(0);
  const algorithm = id === verityAlgorithms.sha256.id ? 'sha256' : 'sha512';
  if (verityAlgorithms[algorithm].id !== id) return { errno: 'ENOPKG' };
  return { algorithm, digest: Uint8Array.prototype.slice.call(argument, 4, 4 + argument.readUInt16LE(2)) };
}

export const isNotSealed = (errno: string): boolean => notSealed.has(errno);

/** Block size and salt of a sealed file (FS_IOC_READ_VERITY_METADATA, Linux 5.12); undefined where it gives none. */
export function readDescriptor(fd: number): Descriptor | undefined {
  const descriptor = Buffer.alloc(DESCRIPTOR_SIZE);
  const argument = Buffer.alloc(40);
  argument.writeBigUInt64LE(FS_VERITY_METADATA_TYPE_DESCRIPTOR, 0);
  argument.writeBigUInt64LE(BigInt(DESCRIPTOR_SIZE), 16);
  argument.writeBigUInt64LE(load().koffi.address(descriptor), 24);
  if (call(fd, FS_IOC_READ_VERITY_METADATA, argument) !== undefined) return undefined;
  const saltSize = Math.min(descriptor[3] ?? 0, 32);
  return {
    blockSize: 2 ** (descriptor[2] ?? 0),
    salt: Uint8Array.prototype.slice.call(descriptor, 0x50, 0x50 + saltSize),
  };
}

/** Enables fs-verity with composefs's parameters: 4096-byte blocks, no salt. @returns the errno; undefined: done */
export function enableVerity(fd: number, algorithm: VerityAlgorithm): string | undefined {
  const argument = Buffer.alloc(128);
  argument.writeUInt32LE(1, 0);
  argument.writeUInt32LE(verityAlgorithms[algorithm].id, 4);
  argument.writeUInt32LE(4096, 8);
  return call(fd, FS_IOC_ENABLE_VERITY, argument);
}

/** Ends the process without waiting for threads that hang in the kernel; process.exit() would join them. */
export function exitAtOnce(status: number): void {
  load().exit(status);
}

/**
 * Whether this kernel has fs-verity at all. Where it has not, nobody can say of an object that it should be sealed.
 * Each file system that can do it says so in sysfs; the sysctl folder comes with signatures.
 */
export function kernelHasVerity(): boolean {
  if (process.platform !== 'linux') return false;
  return [
    '/proc/sys/fs/verity',
    '/sys/fs/ext4/features/verity',
    '/sys/fs/f2fs/features/verity',
    '/sys/fs/btrfs/features/verity',
  ].some((path) => existsSync(path));
}
