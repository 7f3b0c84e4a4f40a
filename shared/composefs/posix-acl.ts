/**
 * `system.posix_acl_access` and `system.posix_acl_default`, in the form that the kernel hands out, which is what images
 * hold (image-format.md, section 8).
 *
 * @see Linux include/uapi/linux/posix_acl_xattr.h: u32 version, then entries of u16 tag, u16 permissions, u32 id; and
 * fs/posix_acl.c, posix_acl_valid
 */

const VERSION = 2;
const HEADER = 4;
const ENTRY = 8;

const tags: Readonly<Record<number, { readonly name: string; readonly hasId: boolean }>> = {
  0x01: { name: 'user', hasId: false },
  0x02: { name: 'user', hasId: true },
  0x04: { name: 'group', hasId: false },
  0x08: { name: 'group', hasId: true },
  0x10: { name: 'mask', hasId: false },
  0x20: { name: 'other', hasId: false },
};

export interface AclEntry {
  readonly tag: number;
  /** Sum of 4 (read), 2 (write), 1 (execute). */
  readonly permissions: number;
  /** User or group id; 0xffffffff where the tag names nobody. */
  readonly id: number;
}

/** Reads the value. @returns a sentence where it is no list of entries at all */
export function parsePosixAcl(value: Uint8Array): readonly AclEntry[] | string {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (value.length < HEADER) return `${value.length} bytes, at least ${HEADER} are needed`;
  const version = view.getUint32(0, true);
  if (version !== VERSION) return `version ${version}, expected ${VERSION}`;
  const entries: AclEntry[] = [];
  let at = HEADER;
  for (; at + ENTRY <= value.length; at += ENTRY) {
    entries.push({
      tag: view.getUint16(at, true),
      permissions: view.getUint16(at + 2, true),
      id: view.getUint32(at + 4, true),
    });
  }
  return at === value.length ? entries : `${value.length} bytes are not ${HEADER} and a multiple of ${ENTRY}`;
}

function formatEntry({ tag, permissions, id }: AclEntry): string {
  const known = tags[tag];
  const rwx = ['r', 'w', 'x'].map((letter, i) => ((permissions & (4 >> i)) === 0 ? '-' : letter)).join('');
  return `${known?.name ?? `tag ${tag}`}:${known === undefined || known.hasId ? id : ''}:${rwx}`;
}

/** What the kernel refuses in a list of entries (EINVAL); undefined: nothing. */
function faultOf(entries: readonly AclEntry[]): string | undefined {
  const strange = entries.find(({ tag, permissions }) => tags[tag] === undefined || permissions > 7);
  if (strange !== undefined) {
    return tags[strange.tag] === undefined ? `tag ${strange.tag} is unknown` : `permissions ${strange.permissions}`;
  }
  const hasTag = (wanted: number): boolean => entries.some(({ tag }) => tag === wanted);
  const missing = [0x01, 0x04, 0x20].filter((tag) => !hasTag(tag)).map((tag) => `${tags[tag]?.name}::`);
  if (missing.length > 0) return `${missing.join(' and ')} missing`;
  if ((hasTag(0x02) || hasTag(0x08)) && !hasTag(0x10)) return 'mask:: missing';
  const isSorted = entries.every(({ tag }, i) => {
    const before = entries[i - 1]?.tag ?? 0;
    return tag > before || (tag === before && tags[tag]?.hasId === true);
  });
  return isSorted ? undefined : 'entries out of order';
}

/**
 * An ACL as `getfacl` has it, on one line: `user::rw-,user:1000:r--,group::r--,mask::r--,other::---`. What is wrong with
 * it is said behind.
 */
export function decodePosixAcl(value: Uint8Array): string {
  const entries = parsePosixAcl(value);
  if (typeof entries === 'string') return `malformed: ${entries}`;
  if (entries.length === 0) return 'no entries';
  const fault = faultOf(entries);
  return entries.map(formatEntry).join(',') + (fault === undefined ? '' : ` (malformed: ${fault})`);
}
