import { ImageError } from '../erofs/image-error.ts';
import { upTo, type Steps } from '../steps.ts';
import type { Image } from './image.ts';
import { hasMark, isMark, ofSource } from './merge/composefs-source.ts';
import { pathOf } from './path.ts';
import { Flag, nameBytes, S_IFBLK, S_IFCHR, S_IFLNK, S_IFMT, S_IFREG } from './table.ts';
import { compareBytes } from './text.ts';
import {
  layOutTree,
  nameKey,
  newInode,
  newLeaf,
  newNode,
  TreeImage,
  type TreeContent,
  type TreeInode,
} from './tree-image.ts';

/** What of a tree goes into an image that is made of it; the words are those of mkcomposefs. */
export interface RebuildOptions {
  /** Names of one inode stay so; without it each is a file of its own, as mkcomposefs has it of a directory. */
  readonly hardlinks?: boolean | undefined;
  /** All times are 0. */
  readonly useEpoch?: boolean | undefined;
  /** Block and character devices are left out, whiteouts among them. */
  readonly skipDevices?: boolean | undefined;
  readonly skipXattrs?: boolean | undefined;
  /** Only `user.` of the extended attributes. */
  readonly userXattrs?: boolean | undefined;
  /** Content that somebody has computed, by row; undefined: that of the tree. */
  readonly contents?: ((row: number) => TreeContent | undefined) | undefined;
}

const user = Uint8Array.from('user.', (letter) => letter.charCodeAt(0));

/**
 * A tree that was read or merged, once more as an image of it is to have it: with other attributes, its objects under the names
 * that the reference gives them, whatever a layer called them. Bytes in the image are copied.
 *
 * @throws ImageError `unsupported` for a file whose bytes are in no object and not in the image, and for SHA-512 objects
 */
export function* rebuildImage(image: Image, options: RebuildOptions): Steps<TreeImage> {
  const { table } = image;
  const inodes = new Map<number, TreeInode>();
  const inodeOf = (row: number): TreeInode => {
    if (options.hardlinks !== true) return readInode(image, row, options);
    const number = table.inode[row] ?? 0;
    let inode = inodes.get(number);
    if (inode === undefined) inodes.set(number, (inode = readInode(image, row, options)));
    return inode;
  };
  const root = newNode(new Uint8Array(0), inodeOf(0));
  /** Those that are kept, by row. */
  const directories = new Map([[0, root]]);
  yield* upTo(
    table.count,
    (row) => {
      const above = directories.get(table.parent[row] ?? 0);
      if (above === undefined || ((table.flags[row] ?? 0) & Flag.stub) !== 0) return;
      const type = modeOf(image, row) & S_IFMT;
      if (options.skipDevices === true && (type === S_IFCHR || type === S_IFBLK)) return;
      const name = nameBytes(table, row).slice();
      const hasChildren = (table.end[row] ?? 0) > row + 1;
      const node = hasChildren ? newNode(name, inodeOf(row)) : newLeaf(name, inodeOf(row));
      above.children.set(nameKey(name), node);
      if (hasChildren) directories.set(row, node);
    },
    1,
  );
  return new TreeImage({ kind: 'directory', root, facts: image.facts }, yield* layOutTree(root));
}

/** Attributes of the tree itself: an image of composefs has them under other names, and some of its own. */
function sourceXattrs(image: Image, row: number): readonly { readonly name: Uint8Array; readonly value: Uint8Array }[] {
  const all = image.xattrs(row);
  if (image.kind !== 'composefs') return all;
  return all.flatMap(({ name, value }) => {
    const shown = isMark(name) && hasMark(image, row, name) ? undefined : ofSource(name);
    return shown === undefined ? [] : [{ name: shown, value }];
  });
}

/** An image of composefs has an empty file for a whiteout. */
function modeOf({ kind, table }: Image, row: number): number {
  const mode = table.mode[row] ?? 0;
  const isEscaped = kind === 'composefs' && ((table.flags[row] ?? 0) & Flag.escapedWhiteout) !== 0;
  return isEscaped && table.size[row] === 0 ? (mode & ~S_IFMT) | S_IFCHR : mode;
}

function readInode(
  image: Image,
  row: number,
  { useEpoch, skipXattrs, userXattrs, contents }: RebuildOptions,
): TreeInode {
  const { table } = image;
  const inode = newInode(modeOf(image, row));
  inode.uid = table.uid[row] ?? 0;
  inode.gid = table.gid[row] ?? 0;
  inode.size = table.size[row] ?? 0;
  if (useEpoch !== true) {
    inode.mtime = table.mtime[row] ?? 0;
    inode.mtimeNsec = table.mtimeNsec[row] ?? 0;
  }
  inode.rdev = table.rdev[row] ?? 0;
  if (skipXattrs !== true) {
    const all = sourceXattrs(image, row);
    const kept = userXattrs === true ? all.filter(({ name }) => isUser(name)) : all;
    inode.xattrs = kept.map(({ name, value }) => ({ name: name.slice(), value: value.slice() }));
  }
  inode.content = contents?.(row) ?? contentOf(image, row);
  return inode;
}

const isUser = (name: Uint8Array): boolean => compareBytes(name.subarray(0, user.length), user) === 0;

const HEX = Uint8Array.from('0123456789abcdef', (letter) => letter.charCodeAt(0));
const SLASH = 0x2f;

/** Of an object: `aa/` and the rest of its digest. An image has one for each file. */
export function objectNameOf(digest: Uint8Array): Uint8Array {
  const name = new Uint8Array(2 * digest.length + 1);
  let at = 0;
  for (const byte of digest) {
    if (at === 2) name[at++] = SLASH;
    name[at++] = HEX[byte >> 4] ?? 0;
    name[at++] = HEX[byte & 15] ?? 0;
  }
  return name;
}

function contentOf(image: Image, row: number): TreeContent {
  const { table } = image;
  const type = (table.mode[row] ?? 0) & S_IFMT;
  if (type !== S_IFREG && type !== S_IFLNK) return { kind: 'none' };
  const content = image.content(row);
  const refuse = (why: string): never => {
    throw new ImageError('unsupported', why, { path: pathOf(table, row) });
  };
  switch (content.kind) {
    case 'empty':
      return { kind: 'none' };
    case 'inline': {
      // a copy of attributes alone may say another size than its data below has: the kernel shows the copy's
      const bytes = new Uint8Array(table.size[row] ?? 0);
      let at = 0;
      for (const { offset, length } of content.extents) {
        const part = Math.min(length, bytes.length - at);
        if (offset !== undefined) bytes.set(table.bytes.subarray(offset, offset + part), at);
        at += part;
      }
      if (at < bytes.length) return refuse(`has ${at} bytes, and says ${bytes.length}`);
      return { kind: 'inline', bytes };
    }
    case 'object': {
      const { digest } = content;
      if (digest === undefined) return refuse('has no digest to refer to its object by');
      if (digest.length !== 32) return refuse('has an object with a SHA-512 digest, which this format does not know');
      return { kind: 'object', redirect: objectNameOf(digest), digest: digest.slice() };
    }
    case 'unavailable':
      return refuse(content.why);
  }
}
