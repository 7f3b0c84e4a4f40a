import { formatMode } from '../../shared/tree/format.ts';
import type { Xattr } from '../../shared/tree/image.ts';
import { pathBytes } from '../../shared/tree/path.ts';
import { entryRow, redirectBytes } from '../../shared/tree/row.ts';
import type { RowPlace } from '../../shared/tree/row.ts';
import { symlinkTarget } from '../../shared/tree/symlink.ts';
import { Flag, nameBytes } from '../../shared/tree/table.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import type { ImageSession } from '../engine/image-session.ts';
import { attempt } from './attempt.ts';
import { textOfBytes, utf8Text } from './json-text.ts';

/** A row outside of any view: what `entryRow` would work out of it is not in the JSON. */
const NOWHERE: RowPlace = {
  depth: 0,
  expanded: undefined,
  hasChildren: false,
  position: 1,
  siblings: 1,
  matches: true,
};

/** An entry as JSON: the window's facts of it, its path first, and its xattrs. */
export function entryJson(session: ImageSession, entry: number): Record<string, unknown> {
  const { image } = session;
  const { table } = image;
  const row = entryRow(image, entry, session.statusOf, NOWHERE);
  const redirect = redirectBytes(table, entry);
  const target = row.target === undefined ? undefined : symlinkTarget(image, entry);
  const bits = table.flags[entry] ?? 0;
  const name = nameBytes(table, entry);
  const text = utf8Text(name);
  return {
    path: textOfBytes(pathBytes(table, entry)),
    name: entry === 0 ? '/' : (text ?? row.name),
    // of a name that is no UTF-8: its text alone could be that of another name
    nameHex: text === undefined ? hexOfBytes(name) : undefined,
    kind: row.kind,
    mode: row.mode,
    modeText: formatMode(row.mode),
    uid: row.uid,
    gid: row.gid,
    size: row.size,
    mtime: row.mtime,
    mtimeNsec: row.mtimeNsec,
    nlink: row.nlink,
    inode: row.inode,
    rdev: row.kind === 'char' || row.kind === 'block' ? (table.rdev[entry] ?? 0) : undefined,
    target: target && textOfBytes(target),
    redirect: redirect && textOfBytes(redirect),
    digest: row.digest,
    verity: row.verity,
    hardLink: (bits & Flag.hardLink) !== 0 ? true : undefined,
    opaque: (bits & Flag.opaque) !== 0 ? true : undefined,
    xattrs: (bits & Flag.xattrs) === 0 ? undefined : attempt(() => image.xattrs(entry))?.map(xattrJson),
    problem: row.problem,
  };
}

function xattrJson({ name, value }: Xattr): Record<string, unknown> {
  return { name: textOfBytes(name), ...valueJson(value) };
}

/** A value as text where it is UTF-8 without control characters (a NUL at its end apart), else as hex. */
export function valueJson(value: Uint8Array): { readonly text: string } | { readonly hex: string } {
  const text = hasControl(value) ? undefined : utf8Text(value);
  return text === undefined ? { hex: hexOfBytes(value) } : { text };
}

function hasControl(value: Uint8Array): boolean {
  for (let index = 0; index < value.length; index++) {
    const byte = value[index] ?? 0;
    if ((byte < 0x20 || byte === 0x7f) && !(byte === 0 && index === value.length - 1)) return true;
  }
  return false;
}
