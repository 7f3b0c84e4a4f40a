import { each, finish, type Steps } from '../steps.ts';
import type { Content, Fact, Field, Image, ImageKind, Problem, Xattr } from './image.ts';
import { TableBuilder } from './table-builder.ts';
import { Flag, S_IFCHR, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, type Table } from './table.ts';
import { compareBytes } from './text.ts';

/** Where the bytes of a file or a symlink are that was read from somewhere else than an image. */
export type TreeContent =
  /** Of no bytes, or of a kind that has none. */
  | { readonly kind: 'none' }
  /** Kept whole: symlink targets, and files so small that composefs keeps them in the image. */
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  /** As composefs would store it. `redirect` without its leading `/`; `digest` 32 or 64 bytes. */
  | { readonly kind: 'object'; readonly redirect: Uint8Array; readonly digest: Uint8Array }
  /** They stay where they are; `why` is a sentence. */
  | { readonly kind: 'elsewhere'; readonly why: string };

/** An inode of a tree that is being read; several names may share it. */
export interface TreeInode {
  /** Type and permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes. */
  size: number;
  /** Seconds since 1970, and nanoseconds. */
  mtime: number;
  mtimeNsec: number;
  /** In the kernel's 32-bit encoding. */
  rdev: number;
  /** In the order in which they are to be shown. */
  xattrs: readonly { readonly name: Uint8Array; readonly value: Uint8Array }[];
  content: TreeContent;
}

/** A name of a tree that is being read. */
export interface TreeNode {
  readonly name: Uint8Array;
  inode: TreeInode;
  /** By name, Latin-1: a letter a byte. Directories alone have any. */
  readonly children: Map<string, TreeNode>;
}

/** Of all that have none: a tree has many. */
const NO_XATTRS: TreeInode['xattrs'] = [];
const NO_CONTENT: TreeContent = { kind: 'none' };
const NO_CHILDREN: TreeNode['children'] = new Map();

export const newInode = (mode: number): TreeInode => ({
  mode,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  mtimeNsec: 0,
  rdev: 0,
  xattrs: NO_XATTRS,
  content: NO_CONTENT,
});

export const newNode = (name: Uint8Array, inode: TreeInode): TreeNode => ({ name, inode, children: new Map() });

/** A name of what is no directory and never becomes one: nothing is put below it. */
export const newLeaf = (name: Uint8Array, inode: TreeInode): TreeNode => ({ name, inode, children: NO_CHILDREN });

const OPAQUE = 'overlay.opaque';

/** Whether overlayfs shows nothing of lower layers in the directory. */
const isOpaque = ({ xattrs }: TreeInode): boolean =>
  xattrs.some(({ name, value }) => {
    if (value.length !== 1 || value[0] !== 0x79 /* y */) return false;
    const text = nameKey(name);
    return text === `trusted.${OPAQUE}` || text === `user.${OPAQUE}`;
  });

/** Names as keys of `TreeNode.children`. */
export const nameKey = (name: Uint8Array): string => {
  let key = '';
  for (const byte of name) key += String.fromCharCode(byte);
  return key;
};

export interface TreeImageParts {
  readonly kind: Extract<ImageKind, 'directory' | 'tar'>;
  readonly root: TreeNode;
  readonly facts: readonly Fact[];
  readonly problems?: readonly Omit<Problem, 'entry'>[];
}

/** What an inode became. */
interface Placed {
  readonly number: number;
  readonly firstRow: number;
  readonly contentOffset: number;
  readonly digestOffset: number;
  readonly xattrs: readonly { readonly name: Uint8Array; readonly offset: number; readonly length: number }[];
}

/**
 * A tree that was read from a directory or a tar, as an image: so that all that looks into images looks into it.
 * Everything that columns point to is copied into bytes of its own.
 */
export class TreeImage implements Image {
  readonly kind: TreeImageParts['kind'];
  readonly table: Table;
  readonly formatVersion = undefined;
  readonly problems: readonly Problem[];
  readonly problemsOmitted = 0;
  readonly facts: readonly Fact[];
  readonly #inodes: readonly TreeInode[];
  readonly #placed: readonly Placed[];

  /** @param laid what `layOutTree` gave, where that was done a little at a time */
  constructor({ kind, root, facts, problems = [] }: TreeImageParts, laid = finish(layOutTree(root))) {
    this.kind = kind;
    this.facts = facts;
    this.problems = problems.map((problem) => ({ ...problem, entry: undefined }));
    this.table = laid.table;
    this.#inodes = laid.inodes;
    this.#placed = laid.placed;
  }

  /** What the entry was made of. */
  protected inodeOf(entry: number): TreeInode | undefined {
    return this.#inodes[this.table.inode[entry] ?? 0];
  }

  xattrs(entry: number): readonly Xattr[] {
    const list: Xattr[] = [];
    const { bytes } = this.table;
    this.eachXattr(entry, (name, offset, length) =>
      list.push({ name, value: bytes.subarray(offset, offset + length), storage: 'inline', offset }),
    );
    return list;
  }

  eachXattr(entry: number, visit: (name: Uint8Array, valueOffset: number, valueLength: number) => void): void {
    for (const { name, offset, length } of this.#placed[this.table.inode[entry] ?? 0]?.xattrs ?? []) {
      visit(name, offset, length);
    }
  }

  content(entry: number): Content {
    const { bytes, inode } = this.table;
    const number = inode[entry] ?? 0;
    const { mode = 0, size = 0, content = { kind: 'none' } } = this.#inodes[number] ?? {};
    const placed = this.#placed[number];
    if ((mode & S_IFMT) !== S_IFREG && (mode & S_IFMT) !== S_IFLNK) {
      return { kind: 'unavailable', why: 'Only regular files and symlinks have content.' };
    }
    if (size === 0 || placed === undefined) return { kind: 'empty' };
    const { contentOffset, digestOffset } = placed;
    switch (content.kind) {
      case 'none':
        return { kind: 'empty' };
      case 'inline':
        return { kind: 'inline', extents: [{ offset: contentOffset, length: content.bytes.length }] };
      case 'object':
        return {
          kind: 'object',
          redirect: bytes.subarray(contentOffset, contentOffset + content.redirect.length),
          digest: bytes.subarray(digestOffset, digestOffset + content.digest.length),
        };
      case 'elsewhere':
        return { kind: 'unavailable', why: content.why };
    }
  }

  mtimeSeconds(entry: number): bigint {
    return BigInt(this.table.mtime[entry] ?? 0);
  }

  /** There is no inode on disk to be shown. */
  fields(): readonly Field[] {
    return [];
  }
}

/** The rows of a tree, and what its inodes became. */
export interface LaidOutTree {
  readonly table: Table;
  readonly inodes: readonly TreeInode[];
  readonly placed: readonly Placed[];
}

/** Lays out a tree: the length of all bytes first, then rows and bytes in one walk. */
export function* layOutTree(root: TreeNode): Steps<LaidOutTree> {
  const links = new Map<TreeInode, number>();
  let length = 1;
  let rows = 0;
  yield* each(nodesOf(root), ({ name, inode }) => {
    rows += 1;
    length += name.length;
    const known = links.get(inode) ?? 0;
    links.set(inode, known + 1);
    if (known > 0) return;
    const { content } = inode;
    if (content.kind === 'inline') length += content.bytes.length;
    if (content.kind === 'object') length += content.redirect.length + content.digest.length;
    for (const { value } of inode.xattrs) length += value.length;
  });
  const writer = new Writer(new TableBuilder(new Uint8Array(length), rows), links);
  yield* each(rowsOf(root, writer), () => undefined);
  return { table: writer.finish(), inodes: writer.inodes, placed: writer.placed };
}

function* nodesOf(root: TreeNode): Generator<TreeNode, void, void> {
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    for (const child of node.children.values()) waiting.push(child);
    yield node;
  }
}

/** Writes one row after the other, each directory's entries behind it in the order of their names. */
function* rowsOf(root: TreeNode, writer: Writer): Generator<undefined, void, void> {
  const open: { readonly row: number; readonly left: TreeNode[] }[] = [];
  const enter = (node: TreeNode, parent: number): void => {
    const left = [...node.children.values()].toSorted((a, b) => compareBytes(b.name, a.name));
    open.push({ row: writer.add(node, parent), left });
  };
  enter(root, 0);
  for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
    const next = top.left.pop();
    if (next === undefined) {
      writer.end(top.row);
      open.pop();
    } else {
      enter(next, top.row);
      yield;
    }
  }
}

class Writer {
  readonly inodes: TreeInode[] = [];
  readonly placed: Placed[] = [];
  readonly #numbers = new Map<TreeInode, number>();
  readonly #links: ReadonlyMap<TreeInode, number>;
  readonly #rows: TableBuilder;
  /** Offset 0 means “none” in the columns. */
  #at = 1;

  /** @param links how many names each inode has */
  constructor(rows: TableBuilder, links: ReadonlyMap<TreeInode, number>) {
    this.#rows = rows;
    this.#links = links;
  }

  add({ name, inode, children }: TreeNode, parent: number): number {
    const row = this.#rows.add(parent, this.#put(name), name.length);
    this.#fill(row, inode, children);
    return row;
  }

  /** All that is below a row is there. */
  end(row: number): void {
    this.#rows.end[row] = this.#rows.count;
  }

  finish(): Table {
    return this.#rows.finish();
  }

  #put(bytes: Uint8Array): number {
    const at = this.#at;
    this.#rows.bytes.set(bytes, at);
    this.#at += bytes.length;
    return at;
  }

  #fill(row: number, inode: TreeInode, children: TreeNode['children']): void {
    const rows = this.#rows;
    const known = this.#numbers.get(inode);
    const number = known ?? this.#place(row, inode);
    const { content, mode } = inode;
    const { contentOffset, digestOffset } = this.placed[number] ?? { contentOffset: 0, digestOffset: 0 };
    const type = mode & S_IFMT;
    rows.inode[row] = number;
    rows.mode[row] = mode;
    rows.uid[row] = inode.uid;
    rows.gid[row] = inode.gid;
    rows.size[row] = inode.size;
    rows.mtime[row] = inode.mtime;
    rows.mtimeNsec[row] = inode.mtimeNsec;
    rows.rdev[row] = inode.rdev;
    let folders = 0;
    if (type === S_IFDIR) {
      for (const child of children.values()) if ((child.inode.mode & S_IFMT) === S_IFDIR) folders += 1;
    }
    rows.nlink[row] = type === S_IFDIR ? 2 + folders : (this.#links.get(inode) ?? 1);
    let flags = 0;
    if (known !== undefined) flags |= Flag.hardLink;
    if (inode.xattrs.length > 0) flags |= Flag.xattrs;
    if (type === S_IFCHR && inode.rdev === 0) flags |= Flag.whiteout;
    if (type === S_IFDIR && isOpaque(inode)) flags |= Flag.opaque;
    if (type === S_IFREG && content.kind === 'inline' && inode.size > 0) flags |= Flag.inline;
    if (content.kind === 'object') {
      flags |= Flag.backed | (content.digest.length === 64 ? Flag.sha512 : 0);
      rows.redirectOffset[row] = contentOffset;
      rows.redirectLength[row] = content.redirect.length;
      rows.digestOffset[row] = digestOffset;
    }
    rows.flags[row] = flags;
  }

  #place(row: number, inode: TreeInode): number {
    const number = this.inodes.length;
    const { content } = inode;
    const contentOffset =
      content.kind === 'inline'
        ? this.#put(content.bytes)
        : content.kind === 'object'
          ? this.#put(content.redirect)
          : 0;
    const digestOffset = content.kind === 'object' ? this.#put(content.digest) : 0;
    const xattrs = inode.xattrs.map(({ name, value }) => ({ name, offset: this.#put(value), length: value.length }));
    this.#numbers.set(inode, number);
    this.inodes.push(inode);
    this.placed.push({ number, firstRow: row, contentOffset, digestOffset, xattrs });
    return number;
  }
}
