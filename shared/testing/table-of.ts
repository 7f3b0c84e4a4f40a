import type { Content, Image, ImageKind, Problem, Xattr } from '../tree/image.ts';
import {
  Flag,
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  type Table,
} from '../tree/table.ts';
import { bytesOfText, compareBytes } from '../tree/text.ts';

/** Images for tests, from a nested literal: what the tree code sees, without an image file behind it. */

export interface NodeAttributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
  readonly mtime?: number;
  readonly nsec?: number;
  readonly nlink?: number;
  readonly rdev?: number;
  /** Nodes of equal number are hard links; each node has its own by default. */
  readonly inode?: number;
  /** Path of the object, without leading `/`. */
  readonly redirect?: string;
  /** Hex, 64 or 128 digits. */
  readonly digest?: string;
  readonly content?: string;
  /** Text, as of `bytesOfText`, or bytes. */
  readonly xattrs?: Readonly<Record<string, string | Uint8Array>>;
  /** Bits of `Flag`, on top of those that follow from the rest. */
  readonly flags?: number;
}

export interface Node extends NodeAttributes {
  readonly type: number;
  readonly children?: readonly (readonly [name: string, node: Node])[];
}

/** Names as of `bytesOfText`; a list may hold a name twice. Children are sorted by bytes, unless `unsorted`. */
export type Children = Readonly<Record<string, Node>> | readonly (readonly [string, Node])[];

const isList = (children: Children): children is readonly (readonly [string, Node])[] => Array.isArray(children);

export function dir(children: Children = {}, attributes: NodeAttributes & { readonly unsorted?: boolean } = {}): Node {
  const list = isList(children) ? children : Object.entries(children);
  return {
    type: S_IFDIR,
    mode: 0o755,
    ...attributes,
    children: attributes.unsorted === true ? list : list.toSorted(([a], [b]) => compareNames(a, b)),
  };
}

const compareNames = (a: string, b: string): number => compareBytes(bytesOfText(a), bytesOfText(b));

export const file = (attributes: NodeAttributes = {}): Node => ({ type: S_IFREG, mode: 0o644, ...attributes });
export const symlink = (target: string, attributes: NodeAttributes = {}): Node => ({
  type: S_IFLNK,
  mode: 0o777,
  content: target,
  ...attributes,
});
export const char = (rdev: number, attributes: NodeAttributes = {}): Node => ({ type: S_IFCHR, rdev, ...attributes });
export const block = (rdev: number, attributes: NodeAttributes = {}): Node => ({ type: S_IFBLK, rdev, ...attributes });
export const fifo = (attributes: NodeAttributes = {}): Node => ({ type: S_IFIFO, mode: 0o644, ...attributes });
export const socket = (attributes: NodeAttributes = {}): Node => ({ type: S_IFSOCK, mode: 0o644, ...attributes });
/** Whose inode could not be read: no type, no mode. */
export const broken = (): Node => ({ type: 0, flags: Flag.broken });
/** A file whose bytes lie in an object; the redirect follows from the digest, which is `seed` as 32 bytes. */
export function backed(seed: number, size: number, attributes: NodeAttributes = {}): Node {
  const digest = seed.toString(16).padStart(8, '0').repeat(8);
  return file({ size, digest, redirect: `${digest.slice(0, 2)}/${digest.slice(2)}`, ...attributes });
}

/** The bytes of all names, digests, values and contents, one after the other. */
class Pool {
  #bytes = new Uint8Array(1 << 12);
  #length = 1; // an offset of 0 means: none

  add(bytes: Uint8Array): number {
    const at = this.#length;
    if (at + bytes.length > this.#bytes.length) {
      const more = new Uint8Array((at + bytes.length) * 2);
      more.set(this.#bytes);
      this.#bytes = more;
    }
    this.#bytes.set(bytes, at);
    this.#length += bytes.length;
    return at;
  }

  get bytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

const bytesOfHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));

interface Place {
  readonly name: Uint8Array;
  readonly node: Node;
  readonly parent: number;
}

/** Depth first, names as given; `end` follows by going backwards. */
function placesOf(root: Node): Place[] {
  const places: Place[] = [];
  const visit = (name: Uint8Array, node: Node, parent: number): void => {
    const entry = places.length;
    places.push({ name, node, parent });
    for (const [childName, child] of node.children ?? []) visit(bytesOfText(childName), child, entry);
  };
  visit(new Uint8Array(0), root, 0);
  return places;
}

function emptyTable(count: number): { -readonly [K in keyof Table]: Table[K] } {
  return {
    count,
    bytes: new Uint8Array(0),
    parent: new Uint32Array(count),
    end: Uint32Array.from({ length: count }, (_, entry) => entry + 1),
    nameOffset: new Uint32Array(count),
    nameLength: new Uint8Array(count),
    inode: new Uint32Array(count),
    mode: new Uint16Array(count),
    uid: new Uint32Array(count),
    gid: new Uint32Array(count),
    size: new Float64Array(count),
    mtime: new Float64Array(count),
    mtimeNsec: new Uint32Array(count),
    nlink: new Uint32Array(count),
    rdev: new Uint32Array(count),
    redirectOffset: new Uint32Array(count),
    redirectLength: new Uint16Array(count),
    digestOffset: new Uint32Array(count),
    flags: new Uint16Array(count),
  };
}

function flagsOf(node: Node, parent: number, name: Uint8Array, isLink: boolean): number {
  const isFile = node.type === S_IFREG;
  const isBacked = isFile && (node.redirect !== undefined || node.digest !== undefined);
  const isWhiteout = node.type === S_IFCHR && (node.rdev ?? 0) === 0;
  const isStub = isWhiteout && parent === 0 && /^[0-9a-f]{2}$/.test(String.fromCharCode(...name));
  return (
    (node.flags ?? 0) |
    (isBacked ? Flag.backed : 0) |
    (isFile && !isBacked && sizeOf(node) > 0 ? Flag.inline : 0) |
    (node.digest?.length === 128 ? Flag.sha512 : 0) |
    (isWhiteout ? Flag.whiteout : 0) |
    (isStub ? Flag.stub : 0) |
    (node.xattrs === undefined ? 0 : Flag.xattrs) |
    (isLink ? Flag.hardLink : 0) |
    (isBacked && node.redirect === undefined ? Flag.noRedirect : 0)
  );
}

const sizeOf = (node: Node): number => node.size ?? bytesOfText(node.content ?? '').length;

export interface ImageOptions {
  readonly kind?: ImageKind;
  readonly problems?: readonly Problem[];
}

/** An image with this tree. Its bytes are not those of any format; all else is as the reader gives it. */
export function imageOf(root: Node, { kind = 'composefs', problems = [] }: ImageOptions = {}): Image {
  const places = placesOf(root);
  const table = emptyTable(places.length);
  const pool = new Pool();
  const contents: Content[] = [];
  const values: { readonly name: Uint8Array; readonly offset: number; readonly length: number }[][] = [];
  const seen = new Set<number>();
  places.forEach(({ name, node, parent }, entry) => {
    const inode = node.inode ?? 1_000_000 + entry;
    table.parent[entry] = parent;
    table.nameOffset[entry] = pool.add(name);
    table.nameLength[entry] = name.length;
    table.inode[entry] = inode;
    table.mode[entry] = node.type === 0 ? 0 : (node.type & S_IFMT) | (node.mode ?? 0);
    table.uid[entry] = node.uid ?? 0;
    table.gid[entry] = node.gid ?? 0;
    table.size[entry] = sizeOf(node);
    table.mtime[entry] = node.mtime ?? 0;
    table.mtimeNsec[entry] = node.nsec ?? 0;
    table.nlink[entry] = node.nlink ?? 1;
    table.rdev[entry] = node.rdev ?? 0;
    if (node.redirect !== undefined) {
      table.redirectOffset[entry] = pool.add(bytesOfText(node.redirect));
      table.redirectLength[entry] = bytesOfText(node.redirect).length;
    }
    if (node.digest !== undefined) table.digestOffset[entry] = pool.add(bytesOfHex(node.digest));
    table.flags[entry] = flagsOf(node, parent, name, seen.has(inode));
    seen.add(inode);
    contents.push(contentOf(node, pool));
    values.push(
      Object.entries(node.xattrs ?? {}).map(([key, value]) => {
        const bytes = typeof value === 'string' ? bytesOfText(value) : value;
        return { name: bytesOfText(key), offset: pool.add(bytes), length: bytes.length };
      }),
    );
  });
  for (let entry = places.length - 1; entry > 0; entry -= 1) {
    const parent = table.parent[entry] ?? 0;
    table.end[parent] = Math.max(table.end[parent] ?? 0, table.end[entry] ?? 0);
  }
  table.bytes = pool.bytes;
  return {
    kind,
    table,
    formatVersion: kind === 'composefs' ? 1 : undefined,
    problems,
    problemsOmitted: 0,
    facts: [],
    xattrs: (entry): Xattr[] =>
      (values[entry] ?? []).map(({ name, offset, length }) => ({
        name,
        value: table.bytes.subarray(offset, offset + length),
        storage: 'inline',
        offset,
      })),
    content: (entry) => contents[entry] ?? { kind: 'empty' },
    mtimeSeconds: (entry) => BigInt(table.mtime[entry] ?? 0),
    fields: () => [],
  };
}

function contentOf(node: Node, pool: Pool): Content {
  if (node.redirect !== undefined || node.digest !== undefined) {
    return {
      kind: 'object',
      redirect: node.redirect === undefined ? undefined : bytesOfText(node.redirect),
      digest: node.digest === undefined ? undefined : bytesOfHex(node.digest),
    };
  }
  if (node.content === undefined || node.content === '') return { kind: 'empty' };
  const bytes = bytesOfText(node.content);
  return { kind: 'inline', extents: [{ offset: pool.add(bytes), length: bytes.length }] };
}
