import { closeSync } from 'node:fs';
import type { ImageSource, MountAllowances } from '../../shared/contract/mount-values.ts';
import { attachLoop } from './image-source.ts';
import type { OpenImage } from './image-source.ts';
import { create, fsmount, fsopen, MOUNT_ATTR, setFlag, setString } from './syscalls.ts';
import type { Trace } from './trace.ts';

/** Attributes of a mount. */
export function attributesOf(allow: MountAllowances, readOnly: boolean): number {
  return (
    (readOnly ? MOUNT_ATTR.readOnly : 0) |
    (allow.suid ? 0 : MOUNT_ATTR.noSuid) |
    (allow.dev ? 0 : MOUNT_ATTR.noDev) |
    (allow.exec ? 0 : MOUNT_ATTR.noExec)
  );
}

export interface ErofsMount {
  /** Of the mount, which is nowhere yet. */
  readonly fd: number;
  readonly source: ImageSource;
}

/** Mounts an image, by the file itself where the kernel can, else by a loop device. @returns a mount that is nowhere yet */
export function mountErofs(trace: Trace, { fd, source }: OpenImage, acl: boolean, attributes: number): ErofsMount {
  const direct = tryErofs(trace, `/proc/self/fd/${fd}`, source.path, acl, attributes, ['ENOTBLK']);
  if (direct !== undefined) return { fd: direct, source: { ...source, device: undefined } };
  const device = attachLoop(trace, fd);
  const looped = tryErofs(trace, device, `${source.path} on ${device}`, acl, attributes, []);
  if (looped === undefined) throw new Error('nothing was to be skipped');
  return { fd: looped, source: { ...source, by: source.by === 'memory' ? 'memory' : 'loop', device } };
}

function tryErofs(
  trace: Trace,
  from: string,
  shown: string,
  acl: boolean,
  attributes: number,
  skip: readonly string[],
): number | undefined {
  const context = trace.must('fsopen', 'erofs', () => fsopen('erofs'));
  try {
    trace.must('fsconfig', `erofs: source = ${shown}`, () => setString(context, 'source', from), { context });
    trace.must('fsconfig', 'erofs: ro', () => setFlag(context, 'ro'), { context });
    // without the flag in its header no file has an ACL: the kernel need not look for one. One without ACLs has no option
    if (!acl) trace.step('fsconfig', 'erofs: noacl', () => setFlag(context, 'noacl'), { context, skip: ['EINVAL'] });
    const made = trace.step('fsconfig', `erofs: mount ${shown}`, () => (create(context), true), { context, skip });
    if (made === undefined) return undefined;
    const fd = trace.must('fsmount', 'erofs', () => fsmount(context, attributes), { context });
    trace.onEnd(() => closeSync(fd));
    return fd;
  } finally {
    closeSync(context);
  }
}
