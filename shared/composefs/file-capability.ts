/**
 * `security.capability`: the capabilities that a program gets when it is executed.
 *
 * @see Linux include/uapi/linux/capability.h, struct vfs_cap_data and vfs_ns_cap_data: little-endian words, the first
 * with the revision in its highest byte and the effective flag in bit 0; then permitted and inheritable sets by turns,
 * low half first; in revision 3 the user id that is root in the name space
 */

/** Names by number, of Linux 6.18 (CAP_LAST_CAP is 40). */
const capabilityNames = [
  'cap_chown',
  'cap_dac_override',
  'cap_dac_read_search',
  'cap_fowner',
  'cap_fsetid',
  'cap_kill',
  'cap_setgid',
  'cap_setuid',
  'cap_setpcap',
  'cap_linux_immutable',
  'cap_net_bind_service',
  'cap_net_broadcast',
  'cap_net_admin',
  'cap_net_raw',
  'cap_ipc_lock',
  'cap_ipc_owner',
  'cap_sys_module',
  'cap_sys_rawio',
  'cap_sys_chroot',
  'cap_sys_ptrace',
  'cap_sys_pacct',
  'cap_sys_admin',
  'cap_sys_boot',
  'cap_sys_nice',
  'cap_sys_resource',
  'cap_sys_time',
  'cap_sys_tty_config',
  'cap_mknod',
  'cap_lease',
  'cap_audit_write',
  'cap_audit_control',
  'cap_setfcap',
  'cap_mac_override',
  'cap_mac_admin',
  'cap_syslog',
  'cap_wake_alarm',
  'cap_block_suspend',
  'cap_audit_read',
  'cap_perfmon',
  'cap_bpf',
  'cap_checkpoint_restore',
] as const;

export interface FileCapabilities {
  readonly revision: 1 | 2 | 3;
  /** The process begins with them switched on. */
  readonly effective: boolean;
  /** Sets, one bit for each capability. */
  readonly permitted: bigint;
  readonly inheritable: bigint;
  /** User id, outside, of the name space's root that they hold for; undefined before revision 3. */
  readonly rootid: number | undefined;
}

const sizes: Readonly<Record<number, number>> = { 1: 12, 2: 20, 3: 24 };

const isRevision = (revision: number): revision is 1 | 2 | 3 => revision >= 1 && revision <= 3;

/** Reads the value. @returns a sentence where it is none that the kernel takes */
export function parseFileCapabilities(value: Uint8Array): FileCapabilities | string {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (value.length < 4) return `${value.length} bytes, at least 12 are needed`;
  const magic = view.getUint32(0, true);
  const revision = magic >>> 24;
  if (!isRevision(revision)) return `revision ${revision} is unknown`;
  if (value.length !== sizes[revision]) return `${value.length} bytes, revision ${revision} has ${sizes[revision]}`;
  const set = (offset: number): bigint => {
    const high = revision === 1 ? 0 : view.getUint32(offset + 8, true);
    return (BigInt(high) << 32n) | BigInt(view.getUint32(offset, true));
  };
  return {
    revision,
    effective: (magic & 1) !== 0,
    permitted: set(4),
    inheritable: set(8),
    rootid: revision === 3 ? view.getUint32(20, true) : undefined,
  };
}

const [E, I, P] = [1, 2, 4];
const lettersOf = (flags: number): string =>
  ((flags & E) === 0 ? '' : 'e') + ((flags & I) === 0 ? '' : 'i') + ((flags & P) === 0 ? '' : 'p');

/** Capabilities with the same flags, in the order of their first; those that have `base` need no clause. */
function clausesOf(flagsOf: ReadonlyMap<string, number>, base: number): string[] {
  const groups = new Map<number, string[]>();
  for (const [name, flags] of flagsOf) {
    if (flags !== base) groups.set(flags, [...(groups.get(flags) ?? []), name]);
  }
  return Array.from(groups, ([flags, names]) => {
    const [less, more] = [lettersOf(base & ~flags), lettersOf(flags & ~base)];
    return names.join(',') + (less === '' ? '' : `-${less}`) + (more === '' ? '' : `+${more}`);
  });
}

/**
 * The capabilities as `setcap` takes them: `cap_net_raw+ep`, several with a comma between, other flags behind a space.
 * Where most of them have the same flags, these come first for all: `=ep cap_kill-ep`. Numbers that have no name yet
 * are numbers. Revision 3 adds `[rootid=N]`, as `getcap -n`.
 */
export function formatFileCapabilities({ effective, permitted, inheritable, rootid }: FileCapabilities): string {
  const flagsOf = (number: number): number => {
    const bit = 1n << BigInt(number);
    const flags = ((permitted & bit) === 0n ? 0 : P) | ((inheritable & bit) === 0n ? 0 : I);
    return flags === 0 || !effective ? flags : flags | E;
  };
  const named = new Map(capabilityNames.map((name, number) => [name, flagsOf(number)]));
  const unnamed = new Map<string, number>();
  for (let number = capabilityNames.length; number < 64; number += 1) unnamed.set(`${number}`, flagsOf(number));
  const all = [...named.values()];
  const base = all.find((flags) => all.filter((other) => other === flags).length * 2 > all.length) ?? 0;
  const clauses = [...(base === 0 ? [] : [`=${lettersOf(base)}`]), ...clausesOf(named, base), ...clausesOf(unnamed, 0)];
  const text = clauses.length === 0 ? '=' : clauses.join(' ');
  return rootid === undefined ? text : `${text} [rootid=${rootid}]`;
}

/** `security.capability` in words; a malformed value says what is wrong with it. */
export function decodeFileCapability(value: Uint8Array): string {
  const capabilities = parseFileCapabilities(value);
  return typeof capabilities === 'string' ? `malformed: ${capabilities}` : formatFileCapabilities(capabilities);
}
