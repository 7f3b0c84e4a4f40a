import { S_IFCHR, S_IFDIR, S_IFMT } from '../../../shared/tree/table.ts';
import { newInode, newNode, type TreeInode, type TreeNode } from '../../../shared/tree/tree-image.ts';
import { displayBytes } from '../../../shared/tree/text.ts';

const OPAQUE = 'trusted.overlay.opaque';
const METACOPY = 'trusted.overlay.metacopy';
const REDIRECT = 'trusted.overlay.redirect';
const WHITEOUT = '.wh.';
const WHITEOUT_META = '.wh..wh.';
const WHITEOUT_OPAQUE = '.wh..wh..opq';
/** As in the kernel (`NAME_MAX`). */
const MAX_NAME = 255;
/** Missing parents that are named. */
const NAMED = 5;

/** Of a layer's entry: its names from the root on, Latin-1. None: the root. */
export type Path = readonly string[];

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');
const isDirectory = (node: TreeNode): boolean => (node.inode.mode & S_IFMT) === S_IFDIR;
const display = (path: Path): string => displayBytes(bytesOf(`/${path.join('/')}`));

/** A hard link whose target was not there when it came. */
interface LooseLink {
  readonly target: Path;
  readonly inode: TreeInode;
  readonly nodes: TreeNode[];
}

/** A node on the way through the tree. */
interface Place {
  readonly node: TreeNode;
  readonly name: string;
  readonly parent: Place | undefined;
}

function pathTo(place: Place): Path {
  const names: string[] = [];
  for (let at: Place = place; at.parent !== undefined; at = at.parent) names.push(at.name);
  return names.toReversed();
}

export interface LayerTreeReport {
  readonly root: TreeNode;
  readonly whiteouts: number;
  readonly opaque: number;
  readonly hasRoot: boolean;
  /** Directories that had to be made, the root too. */
  readonly made: ReadonlySet<TreeNode>;
  /** Sentences. */
  readonly warnings: readonly string[];
}

/**
 * The tree that the entries of a layer make, in their order. Whiteouts are applied last: they are about the layers below,
 * wherever in the tar they stand.
 *
 * Every method throws a RangeError where an entry cannot be: who knows the file says so.
 */
export class LayerTree {
  readonly #root = newNode(new Uint8Array(0), newInode(S_IFDIR | 0o755));
  readonly #made = new Set<TreeNode>();
  readonly #whiteouts = new Map<string, Path>();
  readonly #opaque = new Map<string, Path>();
  readonly #links: LooseLink[] = [];
  readonly #addNode: () => void;
  #hasRoot = false;

  /** @param addNode called for each node that is made: so that there is an end to them */
  constructor(addNode: () => void) {
    this.#addNode = addNode;
  }

  /** Takes the entry if it is a whiteout, by whatever name. @returns whether it was one */
  takeWhiteout(path: Path): boolean {
    const name = path.at(-1) ?? '';
    if (!name.startsWith(WHITEOUT)) return false;
    const folder = path.slice(0, -1);
    const victim = name.slice(WHITEOUT.length);
    if (name === WHITEOUT_OPAQUE) this.#opaque.set(folder.join('/'), folder);
    else if (victim === '' || victim === '.' || victim === '..') {
      throw new RangeError(`${display(path)} is a whiteout of no name that a file can have`);
    } else if (!name.startsWith(WHITEOUT_META)) {
      const whole = [...folder, victim];
      this.#whiteouts.set(whole.join('/'), whole);
    }
    return true;
  }

  /** Puts an inode at a path. What was there before goes, but a directory over a directory keeps what is in it. */
  put(path: Path, inode: TreeInode): TreeNode {
    const name = path.at(-1);
    if (name === undefined) {
      if ((inode.mode & S_IFMT) !== S_IFDIR) throw new RangeError('the root is no directory');
      this.#root.inode = inode;
      this.#hasRoot = true;
      return this.#root;
    }
    const { children } = this.#folder(path.slice(0, -1));
    const known = children.get(name);
    if (known !== undefined && isDirectory(known) && (inode.mode & S_IFMT) === S_IFDIR) {
      known.inode = inode;
      this.#made.delete(known);
      return known;
    }
    return this.#add(children, name, inode);
  }

  /** Puts a hard link. @param inode what it is where its target is not in this layer */
  link(path: Path, target: Path, inode: TreeInode): void {
    const known = this.#find(target);
    if (known === undefined) {
      this.#links.push({ target, inode, nodes: [this.put(path, inode)] });
      return;
    }
    this.#refuseDirectory(path, target, known);
    if (this.#find(path) === known) return;
    const node = this.put(path, known.inode);
    this.#links.find((loose) => loose.inode === known.inode)?.nodes.push(node);
  }

  finish(): LayerTreeReport {
    const warnings: string[] = [];
    this.#tieLinks(warnings);
    const whiteouts = this.#applyWhiteouts();
    let opaque = 0;
    for (const folder of this.#opaque.values()) {
      if (this.#isBelowFile(folder)) continue;
      setXattr(this.#folder(folder).inode, OPAQUE, 'y');
      opaque += 1;
    }
    const paths = this.#madePaths();
    if (paths.count > 0) {
      const more = paths.count > paths.named.length ? ` and ${paths.count - paths.named.length} more` : '';
      const what = paths.count === 1 ? '1 directory was' : `${paths.count} directories were`;
      const names = paths.named.join(', ');
      warnings.push(`${what} not in the layer though entries lie in it; made as 0755 0:0: ${names}${more}`);
    }
    const made = this.#hasRoot ? this.#made : new Set([this.#root, ...this.#made]);
    return { root: this.#root, whiteouts, opaque, hasRoot: this.#hasRoot, made, warnings };
  }

  #add(children: TreeNode['children'], name: string, inode: TreeInode): TreeNode {
    if (name.length > MAX_NAME) throw new RangeError(`a name has ${name.length} bytes, ${MAX_NAME} are the most`);
    this.#addNode();
    const node = newNode(bytesOf(name), inode);
    children.set(name, node);
    return node;
  }

  #folder(path: Path): TreeNode {
    let node = this.#root;
    for (const [depth, name] of path.entries()) {
      let child = node.children.get(name);
      if (child === undefined) {
        child = this.#add(node.children, name, newInode(S_IFDIR | 0o755));
        this.#made.add(child);
      } else if (!isDirectory(child)) {
        throw new RangeError(`${display(path.slice(0, depth + 1))} is no directory, yet entries lie in it`);
      }
      node = child;
    }
    return node;
  }

  #find(path: Path): TreeNode | undefined {
    let node: TreeNode | undefined = this.#root;
    for (const name of path) node = node?.children.get(name);
    return node;
  }

  #isBelowFile(path: Path): boolean {
    let node: TreeNode | undefined = this.#root;
    for (const name of path) {
      node = node.children.get(name);
      if (node === undefined) return false;
      if (!isDirectory(node)) return true;
    }
    return false;
  }

  #refuseDirectory(path: Path, target: Path, node: TreeNode): void {
    if (isDirectory(node)) throw new RangeError(`${display(path)} is a hard link to a directory, ${display(target)}`);
  }

  #tieLinks(warnings: string[]): void {
    for (const { target, inode, nodes } of this.#links) {
      const known = this.#find(target);
      const [first] = nodes;
      if (known !== undefined && known.inode !== inode) {
        if (isDirectory(known)) throw new RangeError(`there is a hard link to a directory, ${display(target)}`);
        for (const node of nodes) node.inode = known.inode;
        warnings.push(`${display(target)} comes behind a hard link to it, ${displayBytes(first?.name ?? bytesOf(''))}`);
        continue;
      }
      // the layers below have it: as overlayfs says so of a file whose content lies below another name
      setXattr(inode, METACOPY, '');
      setXattr(inode, REDIRECT, `/${target.join('/')}`);
    }
  }

  #applyWhiteouts(): number {
    let count = 0;
    for (const path of this.#whiteouts.values()) {
      const folder = path.slice(0, -1);
      if (this.#isBelowFile(folder)) continue; // what replaces a folder hides all that was in it
      const known = this.#find(path);
      count += 1;
      if (known === undefined) this.#add(this.#folder(folder).children, path.at(-1) ?? '', newInode(S_IFCHR));
      else if (isDirectory(known)) setXattr(known.inode, OPAQUE, 'y');
    }
    return count;
  }

  #madePaths(): { readonly count: number; readonly named: readonly string[] } {
    const named: string[] = [];
    let count = 0;
    if (this.#made.size === 0) return { count, named };
    const waiting: Place[] = [{ node: this.#root, name: '', parent: undefined }];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (this.#made.has(place.node)) {
        count += 1;
        if (named.length < NAMED) named.push(display(pathTo(place)));
      }
      for (const [name, node] of place.node.children) {
        if (isDirectory(node)) waiting.push({ node, name, parent: place });
      }
    }
    return { count, named: named.toSorted() };
  }
}

/** Sets what overlayfs reads; the tar's own value of it goes. */
function setXattr(inode: TreeInode, name: string, value: string): void {
  const others = inode.xattrs.filter((xattr) => Buffer.from(xattr.name).toString('latin1') !== name);
  inode.xattrs = [...others, { name: bytesOf(name), value: bytesOf(value) }];
}
