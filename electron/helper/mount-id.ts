import { readFileSync } from 'node:fs';

/** Number in mountinfo of the mount that an open file lies on. @see proc(5), /proc/pid/fdinfo, mnt_id */
export function mountIdOf(fd: number): number {
  const id = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))?.[1];
  if (id === undefined) throw new Error('/proc says no mnt_id');
  return Number(id);
}
