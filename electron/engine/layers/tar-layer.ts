import type { Fact } from '../../../shared/tree/image.ts';
import {
  S_IFBLK,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFREG,
  nameBytes,
  type Table,
} from '../../../shared/tree/table.ts';
import { displayBytes } from '../../../shared/tree/text.ts';
import {
  nameKey,
  newInode,
  TreeImage,
  type TreeContent,
  type TreeImageParts,
  type TreeInode,
  type TreeNode,
} from '../../../shared/tree/tree-image.ts';
import { VerityDigester } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { StoreError } from '../stores/store-error.ts';
import { LayerTree, type Path } from './layer-tree.ts';
import { isSparse, readSparse, sparseName, type SparseFile } from './sparse-files.ts';
import type { TarPlace } from './tar-content.ts';
import { tarEntries, TarWindow, type RawHeaders, type TarEntry, type TarHeader } from './tar-entries.ts';

/** What a layer may have; more is no layer but a bomb. */
export interface Limits {
  /** Entries, with the directories that had to be made. */
  readonly maxEntries: number;
  /** Bytes when unpacked. */
  readonly maxBytes: number;
}

export const DEFAULT_LIMITS: Limits = { maxEntries: 5_000_000, maxBytes: 2 ** 40 };

/** Makes an object of a file's bytes, or keeps them. It reads them all. @throws StoreError */
export type TakeContent = (name: string, size: number, pieces: AsyncIterable<Uint8Array>) => Promise<TreeContent>;

export interface ReadTarOptions {
  /** What becomes of files that are not empty; without it, digests are computed and the bytes are gone. */
  readonly takeContent?: TakeContent | undefined;
  /** For messages: the file, or the layer in a file. */
  readonly name: string;
  readonly limits?: Limits;
  readonly signal?: AbortSignal;
}

/** A layer's tree, and what of it the layer does not say. */
export class TarLayerImage extends TreeImage {
  /**
   * Rows of directories that are not in the tar, though entries or whiteouts lie in them; the root's too. Tools that unpack
   * a layer leave such a directory as the layers below have it.
   */
  readonly madeRows: ReadonlySet<number>;
  readonly #places: Places;

  /** @param made the nodes of such directories @param places of the files that are not in the tree */
  constructor(parts: TreeImageParts, made: ReadonlySet<TreeNode>, places: Places) {
    super(parts);
    this.#places = places;
    this.madeRows = made.size === 0 ? new Set() : rowsOf(this.table, parts.root, made);
  }

  /** Where the bytes of a file lie, if not in the image. */
  placeOf(row: number): TarPlace | undefined {
    const inode = this.inodeOf(row);
    const place = inode && this.#places.get(inode);
    return typeof place === 'number' ? { at: place } : place;
  }
}

/** By inode: a number is where its bytes start, of one that is not sparse. */
type Places = ReadonlyMap<TreeInode, number | TarPlace>;

function rowsOf(table: Table, root: TreeNode, wanted: ReadonlySet<TreeNode>): ReadonlySet<number> {
  const rows = new Set<number>();
  const nodes: (TreeNode | undefined)[] = [root];
  for (let row = 0; row < table.count; row += 1) {
    if (row > 0) nodes[row] = nodes[table.parent[row] ?? 0]?.children.get(nameKey(nameBytes(table, row)));
    const node = nodes[row];
    if (node !== undefined && wanted.has(node)) rows.add(row);
  }
  return rows;
}

/** A file as it lies in a tar. */
interface StoredFile {
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
  /** Where its bytes start in the tar. */
  readonly at: number;
}

/** Bytes of a file that mkcomposefs keeps in the image. */
const MAX_INLINE = 64;
const XATTR = 'SCHILY.xattr.';
/** As in the kernel (`PATH_MAX`). */
const MAX_PATH = 4096;

const types = {
  file: S_IFREG,
  'contiguous-file': S_IFREG,
  link: S_IFREG, // where its target is in a layer below
  symlink: S_IFLNK,
  'character-device': S_IFCHR,
  'block-device': S_IFBLK,
  directory: S_IFDIR,
  fifo: S_IFIFO,
} as const satisfies Record<string, number>;

type EntryType = keyof typeof types;
const isEntryType = (type: unknown): type is EntryType => typeof type === 'string' && Object.hasOwn(types, type);

const show = (text: string): string => displayBytes(Buffer.from(text, 'latin1'));

/**
 * A layer's tar as a tree: whiteouts as overlayfs has them, contents as the objects that composefs would store. It is read
 * to its end in any case, so that whoever hands out the bytes can check them.
 *
 * @throws StoreError `EBADMSG` where it is no tar or holds what cannot be, `EFBIG` above the limits
 */
export async function readTarLayer(
  bytes: AsyncIterable<Uint8Array>,
  { name, limits = DEFAULT_LIMITS, signal, takeContent }: ReadTarOptions,
): Promise<TarLayerImage> {
  const window = new TarWindow();
  const reader = new LayerReader(name, limits, takeContent, signal);
  try {
    for await (const entry of tarEntries(limited(bytes, name, limits, signal), window)) {
      signal?.throwIfAborted();
      await reader.take(entry);
    }
    if (window.size === 0) throw new RangeError('it is empty');
    return reader.finish(window);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StoreError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError(
      'EBADMSG',
      name,
      `${name} is no tar that can be read, at byte ${window.size} or before: ${why}`,
      error,
    );
  }
}

async function* limited(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  { maxBytes }: Limits,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  let count = 0;
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    count += chunk.length;
    if (count > maxBytes) throw tooBig(name, `${maxBytes} bytes when unpacked`);
    yield chunk;
  }
}

const tooBig = (name: string, what: string): StoreError =>
  new StoreError(
    'EFBIG',
    name,
    `${name} has more than ${what}, which is the limit (--max-entries and --max-bytes raise it)`,
  );

/** Makes inodes of headers. Throws a RangeError where one cannot be. */
class LayerReader {
  readonly #tree: LayerTree;
  readonly #digester = new VerityDigester({ algorithm: 'sha256', hash: nativeHash('sha256') });
  readonly #places = new Map<TreeInode, number | TarPlace>();
  readonly #skipped = new Map<string, number>();
  readonly #countEntry: () => void;
  #entries = 0;
  #globals = 0;
  #behindEnd = 0;
  #holes = 0;

  readonly #signal: AbortSignal | undefined;
  readonly #checkHoles: (holes: number) => void;
  readonly #takeContent: TakeContent | undefined;

  constructor(
    name: string,
    { maxEntries, maxBytes }: Limits,
    takeContent: TakeContent | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#signal = signal;
    this.#takeContent = takeContent;
    let count = 0;
    this.#countEntry = () => {
      count += 1;
      if (count > maxEntries) throw tooBig(name, `${maxEntries} entries`);
    };
    this.#checkHoles = (holes) => {
      if (holes > maxBytes) throw tooBig(name, `${maxBytes} bytes when unpacked, holes of sparse files counted`);
    };
    let nodes = 0;
    this.#tree = new LayerTree(() => {
      nodes += 1;
      if (nodes > maxEntries) throw tooBig(name, `${maxEntries} entries`);
    });
  }

  async take({ header, raw, content }: TarEntry): Promise<void> {
    this.#countEntry();
    if (raw.globals.includes('size')) throw new RangeError('a global pax header gives a size');
    this.#globals += raw.globals.some((key) => key !== 'comment') ? 1 : 0;
    if (raw.behindEnd || this.#behindEnd > 0) {
      this.#behindEnd += 1;
      return;
    }
    const name = sparseName(raw) ?? record(raw, 'path') ?? header.name;
    const path = pathOf(name);
    const known = raw.type === 'S' ? 'file' : header.type;
    if (!isEntryType(known)) {
      this.#skipped.set(raw.type, (this.#skipped.get(raw.type) ?? 0) + 1);
      return;
    }
    this.#entries += 1;
    if (this.#tree.takeWhiteout(path)) return;
    // tars from before 1988 have no type for directories
    const type = known === 'file' && name.endsWith('/') ? 'directory' : known;
    const size = sizeOf(name, type, header, raw);
    const inode = inodeOf(name, type, header, raw);
    switch (type) {
      case 'file':
      case 'contiguous-file':
        await this.#takeFile(inode, name, { size, content, at: header.byteOffset }, raw);
        break;
      case 'symlink': {
        const bytes = Buffer.from(targetOf(name, header, raw), 'latin1');
        inode.size = bytes.length;
        inode.content = { kind: 'inline', bytes };
        break;
      }
      case 'link':
        this.#tree.link(path, pathOf(targetOf(name, header, raw)), inode);
        return;
      case 'character-device':
      case 'block-device':
        inode.rdev = deviceOf(name, header);
        break;
      case 'directory':
      case 'fifo':
        break;
    }
    this.#tree.put(path, inode);
  }

  finish(window: TarWindow): TarLayerImage {
    const { root, whiteouts, opaque, hasRoot, made, warnings } = this.#tree.finish();
    const messages = [...warnings];
    for (const [type, count] of this.#skipped) {
      messages.push(`${count} of type “${show(type)}”, which no container tool knows, left out`);
    }
    if (this.#globals > 0) messages.push('Global pax headers are not applied: container tools do not either');
    if (this.#behindEnd > 0) messages.push(`${this.#behindEnd} entries behind the end of the archive, left out`);
    else if (!window.hasEnd) messages.push('There is no end-of-archive mark: what follows may have been cut off');
    const facts: Fact[] = [
      { label: 'entries', value: String(this.#entries) },
      { label: 'bytes unpacked', value: String(window.size) },
      { label: 'whiteouts', value: String(whiteouts) },
      { label: 'opaque directories', value: String(opaque) },
    ];
    if (!hasRoot) facts.push({ label: 'root', value: 'not in the tar: made as 0755 0:0' });
    const problems = messages.map((message) => ({ severity: 'warning' as const, code: 'corrupt', offset: 0, message }));
    return new TarLayerImage({ kind: 'tar', root, facts, problems }, made, this.#places);
  }

  async #takeFile(inode: TreeInode, name: string, stored: StoredFile, raw: RawHeaders): Promise<void> {
    const sparse = isSparse(raw) ? await this.#sparse(name, stored, raw) : undefined;
    const { size, content } = sparse ?? stored;
    inode.size = size;
    inode.content = await this.#contentOf(name, size, content);
    if (inode.content.kind !== 'object') return;
    const place = sparse && { at: stored.at + sparse.mapBytes, pieces: sparse.pieces };
    this.#places.set(inode, place ?? stored.at);
  }

  /** Holes count as bytes: whoever unpacks the file, or hashes it, has them all. */
  async #sparse(name: string, { size: stored, content }: StoredFile, raw: RawHeaders): Promise<SparseFile> {
    try {
      const sparse = await readSparse(raw, stored, content);
      this.#holes += Math.max(0, sparse.size - stored);
      this.#checkHoles(this.#holes);
      return { ...sparse, content: stoppable(sparse.content, this.#signal) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new RangeError(`the sparse file ${show(name)} cannot be read: ${error.message}`, { cause: error });
    }
  }

  async #contentOf(name: string, size: number, content: AsyncIterable<Uint8Array>): Promise<TreeContent> {
    if (size === 0) return { kind: 'none' };
    if (this.#takeContent !== undefined) return this.#takeContent(show(name), size, content);
    if (size <= MAX_INLINE) {
      const pieces: Uint8Array[] = [];
      for await (const piece of content) pieces.push(piece);
      return { kind: 'inline', bytes: Buffer.concat(pieces) };
    }
    this.#digester.reset();
    for await (const piece of content) this.#digester.update(piece);
    const digest = this.#digester.digest();
    const hex = Buffer.from(digest).toString('hex');
    return { kind: 'object', redirect: Buffer.from(`${hex.slice(0, 2)}/${hex.slice(2)}`), digest };
  }
}

/** Holes come from nowhere: what stops the reading of bytes does not stop them. */
async function* stoppable(
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of content) {
    signal?.throwIfAborted();
    yield piece;
  }
}

/** A pax record that says something: an empty one leaves it to the header. */
function record({ pax }: RawHeaders, key: string): string | undefined {
  const value = pax.get(key);
  return value === '' ? undefined : value;
}

function pathOf(name: string): Path {
  if (name.includes('\0')) throw new RangeError(`a name with a zero byte: ${show(name)}`);
  if (name.length >= MAX_PATH) throw new RangeError(`a path of ${name.length} bytes: ${MAX_PATH - 1} are the most`);
  const path = name.split('/').filter((part) => part !== '' && part !== '.');
  if (path.includes('..')) throw new RangeError(`${show(name)} leads out of the layer`);
  return path;
}

function sizeOf(name: string, type: EntryType, header: TarHeader, raw: RawHeaders): number {
  const { size } = header;
  const said = record(raw, 'size');
  if (!Number.isSafeInteger(size) || (said !== undefined && !/^\d+$/.test(said))) {
    throw new RangeError(`${show(name)} has no size that can be: ${said ?? size}`);
  }
  const hasContent = type === 'file' || type === 'contiguous-file' || header.type === 'directory';
  if (isSparse(raw) && type !== 'file') throw new RangeError(`${show(name)}, a ${type}, says that it is sparse`);
  if (size > 0 && !hasContent) {
    // some tools skip so many bytes, others do not: they would see different layers
    throw new RangeError(`${show(name)}, a ${type}, says that it has ${size} bytes`);
  }
  return size;
}

function inodeOf(name: string, type: EntryType, header: TarHeader, raw: RawHeaders): TreeInode {
  const inode = newInode(types[type] | (header.mode & 0o7777));
  inode.uid = idOf(name, 'uid', header, raw);
  inode.gid = idOf(name, 'gid', header, raw);
  const { seconds, nanoseconds } = timeOf(name, raw);
  inode.mtime = seconds;
  inode.mtimeNsec = nanoseconds;
  const xattrs: { readonly name: Uint8Array; readonly value: Uint8Array }[] = [];
  for (const [key, value] of raw.pax) {
    if (!key.startsWith(XATTR)) continue;
    xattrs.push({ name: Buffer.from(key.slice(XATTR.length), 'latin1'), value: Buffer.from(value, 'latin1') });
  }
  inode.xattrs = xattrs;
  return inode;
}

function idOf(name: string, key: 'uid' | 'gid', header: TarHeader, raw: RawHeaders): number {
  const said = record(raw, key);
  const id = said === undefined ? header[key] : /^\d+$/.test(said) ? Number(said) : Number.NaN;
  if (!Number.isInteger(id) || id < 0 || id >= 2 ** 32)
    throw new RangeError(`${show(name)} has no ${key} that can be: ${said ?? id}`);
  return id;
}

function timeOf(name: string, raw: RawHeaders): { readonly seconds: number; readonly nanoseconds: number } {
  const said = record(raw, 'mtime');
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d*))?$/.exec(said ?? String(raw.mtime)) ?? [];
  let seconds = Number(whole);
  let nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'));
  if (sign === '-') {
    seconds = nanoseconds > 0 ? -seconds - 1 : 0 - seconds;
    nanoseconds = nanoseconds > 0 ? 1_000_000_000 - nanoseconds : 0;
  }
  if (!Number.isSafeInteger(seconds))
    throw new RangeError(`${show(name)} has no time that can be: ${said ?? 'header'}`);
  return { seconds, nanoseconds };
}

function targetOf(name: string, header: TarHeader, raw: RawHeaders): string {
  const target = record(raw, 'linkpath') ?? header.linkname ?? '';
  if (target === '' || target.length >= MAX_PATH || target.includes('\0')) {
    throw new RangeError(`${show(name)} has no target that a link can have`);
  }
  return target;
}

const isBelow = (value: number, end: number): boolean => Number.isInteger(value) && value >= 0 && value < end;

/** @see Linux include/linux/kdev_t.h, `new_encode_dev` */
function deviceOf(name: string, { devmajor, devminor }: TarHeader): number {
  if (!isBelow(devmajor, 2 ** 12) || !isBelow(devminor, 2 ** 20)) {
    throw new RangeError(`${show(name)} has no device numbers that can be: ${devmajor}:${devminor}`);
  }
  return ((devminor & 0xff) | (devmajor << 8) | ((devminor & ~0xff) << 12)) >>> 0;
}
