import { readFileSync } from 'node:fs';

/** Why nothing can be mounted here; undefined: it can. Real mounts take root and a kernel that has both file systems. */
export function hindrance(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  if (process.getuid?.() !== 0) return 'not root';
  const known = readFileSync('/proc/filesystems', 'utf8');
  if (!known.includes('\terofs\n') || !known.includes('\toverlay\n')) return 'the kernel has no EROFS or no overlayfs';
  const capabilities = /^CapEff:\s*(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const CAP_SYS_ADMIN = 21n;
  return (BigInt(`0x${capabilities}`) >> CAP_SYS_ADMIN) & 1n ? undefined : 'a container without CAP_SYS_ADMIN';
}
