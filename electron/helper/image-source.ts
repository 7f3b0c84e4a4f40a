import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import type { ImageSource, MountLayer } from '../../shared/contract/mount-values.ts';
import { VerityDigester } from '../../shared/verity/fs-verity.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { nativeHash } from '../kernel/native-hash.ts';
import { isNotSealed, measureVerity } from '../kernel/verity-ioctl.ts';
import type { Caller } from './caller.ts';
import { Fault, SyscallError } from './fault.ts';
import { openImage } from './open-paths.ts';
import { configureLoop, freeLoop, memoryFile, sealMemory } from './syscalls.ts';
import { errnoOf } from './trace.ts';
import type { Trace } from './trace.ts';

/** An image that is not sealed is copied into memory before it is hashed: more than this would be no small thing. */
const MAX_IN_MEMORY = 512 * 2 ** 20;
const CHUNK = 1 << 20;
/** Others may take a free loop device first. */
const LOOP_ATTEMPTS = 32;

/** What is mounted of an image: its bytes cannot change any more where they were held against a digest. */
export interface OpenImage {
  readonly fd: number;
  readonly source: Omit<ImageSource, 'device'>;
}

/** Opens an image and holds it against its digest, where it has to have one. @throws Fault */
export function openChecked(trace: Trace, caller: Caller, { path, digest }: MountLayer): OpenImage {
  const fd = openImage(trace, caller, path);
  if (digest === undefined) return { fd, source: { path, by: 'file', digest: undefined, digestBy: undefined } };
  const measured = trace.must('FS_IOC_MEASURE_VERITY', `digest of ${path}`, () => {
    const result = measureVerity(fd);
    if ('errno' in result && !isNotSealed(result.errno)) throw new SyscallError('FS_IOC_MEASURE_VERITY', result.errno);
    return result;
  });
  if ('digest' in measured) {
    expectDigest(trace, path, digest, Buffer.from(measured.digest).toString('hex'), 'measured');
    return { fd, source: { path, by: 'file', digest, digestBy: 'kernel' } };
  }
  return { fd: copyHashed(trace, fd, path, digest), source: { path, by: 'memory', digest, digestBy: 'computed' } };
}

function expectDigest(trace: Trace, path: string, expected: string, found: string, how: string): void {
  trace.must('compare', `digest of ${path}, ${how}: ${found}`, () => {
    if (found !== expected) {
      const message = `the image has the digest ${found}, and should have ${expected}`;
      throw new Fault('failed', message, { reason: 'digest-mismatch', path });
    }
  });
}

/**
 * A copy in memory that nobody can change, hashed as it was made. The file itself is not sealed: whoever may write to it
 * could change it between a look and the mount, and after.
 */
function copyHashed(trace: Trace, fd: number, path: string, expected: string): number {
  const { size } = fstatSync(fd);
  if (size > MAX_IN_MEMORY) {
    const message = `the image is not sealed, and with ${size} bytes too large to be copied into memory for the check`;
    throw new Fault('failed', message, { reason: 'image-too-large', path });
  }
  const algorithm: VerityAlgorithm = expected.length === 128 ? 'sha512' : 'sha256';
  const memory = trace.must('memfd_create', `copy of ${path}, which is not sealed`, () =>
    memoryFile('composcope-image'),
  );
  trace.onEnd(() => closeSync(memory));
  const digester = new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  trace.must('read', `${size} bytes of ${path}`, () => {
    const chunk = Buffer.alloc(CHUNK);
    for (let at = 0; at < MAX_IN_MEMORY;) {
      const length = readSync(fd, chunk, 0, CHUNK, at);
      if (length === 0) break;
      for (let written = 0; written < length;) written += writeSync(memory, chunk, written, length - written);
      digester.update(chunk.subarray(0, length));
      at += length;
    }
  });
  trace.must('F_ADD_SEALS', 'the copy is sealed', () => sealMemory(memory));
  expectDigest(trace, path, expected, Buffer.from(digester.digest()).toString('hex'), 'computed of the copy');
  return memory;
}

/** A loop device over a file, as a path for the kernel; it is freed with the last mount of it. @throws SyscallError */
export function attachLoop(trace: Trace, fd: number): string {
  const control = trace.must('open', '/dev/loop-control', () => openLoop('/dev/loop-control'));
  try {
    for (let attempt = 1; ; attempt += 1) {
      const number = trace.must('LOOP_CTL_GET_FREE', 'a loop device that is free', () => freeLoop(control));
      const path = `/dev/loop${number}`;
      const device = trace.must('open', path, () => openLoop(path));
      trace.onEnd(() => closeSync(device)); // the mount holds it; without one, it frees itself
      const taken = attempt < LOOP_ATTEMPTS ? ['EBUSY'] : [];
      if (configure(trace, device, fd, path, taken)) return path;
    }
  } finally {
    closeSync(control);
  }
}

/** @returns false: somebody else was faster */
function configure(trace: Trace, device: number, fd: number, path: string, taken: readonly string[]): boolean {
  const detail = `${path}: read-only, autoclear`;
  const done = (directIo: boolean, skip: readonly string[]): boolean | undefined =>
    trace.step(
      'LOOP_CONFIGURE',
      detail + (directIo ? ', direct I/O' : ''),
      () => {
        configureLoop(device, fd, { directIo });
        return true;
      },
      { skip },
    );
  if (done(true, ['EINVAL', 'EOPNOTSUPP', ...taken]) === true) return true;
  if (trace.steps.at(-1)?.errno === 'EBUSY') return false;
  return done(false, taken) === true; // a file system without direct I/O
}

function openLoop(path: string): number {
  try {
    return openSync(path, constants.O_RDWR);
  } catch (error) {
    throw new Fault('failed', `${path} cannot be opened`, {
      reason: 'no-loop-device',
      path,
      errno: errnoOf(error) ?? '',
    });
  }
}
