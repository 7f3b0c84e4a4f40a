import { verityStatuses } from '../../shared/contract/status.ts';
import type { VerityStatus } from '../../shared/contract/status.ts';
import type { EntryDetails, ProblemValue, VerityDetail, XattrValue } from '../../shared/contract/values.ts';
import { decodeXattr, effectiveName } from '../../shared/composefs/decode-xattr.ts';
import { ImageError } from '../../shared/erofs/image-error.ts';
import { deviceNumbers, kindOf } from '../../shared/tree/format.ts';
import type { Content, Field, Image, Problem, Xattr } from '../../shared/tree/image.ts';
import { StackImage } from '../../shared/tree/merge/stack-image.ts';
import { pathOf } from '../../shared/tree/path.ts';
import { entryRow, redirectBytes } from '../../shared/tree/row.ts';
import { Flag, isDirectory } from '../../shared/tree/table.ts';
import { displayBytes } from '../../shared/tree/text.ts';
import type { AttachedStore } from './attached-store.ts';
import type { ImageSession } from './image-session.ts';
import { NO_ROOT, quickCheck } from './stores/quick-check.ts';

const MAX_VALUE_BYTES = 4096;
const MAX_HARD_LINKS = 100;

/** All that the details pane shows of an entry. What cannot be read of it is among its problems, and no error. */
export async function entryDetails(
  session: ImageSession,
  entry: number,
  stores: readonly AttachedStore[],
): Promise<EntryDetails> {
  const { image, statusOf, id } = session;
  const { table } = image;
  const flags = table.flags[entry] ?? 0;
  const verity = await verityDetail(session, entry, stores);
  const { layout, inodeOffset } = inodeLayout(image, entry);
  const content = attempt(() => image.content(entry));
  const kind = kindOf(image, entry);
  return {
    image: id,
    row: entryRow(image, entry, statusOf),
    path: pathOf(table, entry),
    mtime: { seconds: String(attempt(() => image.mtimeSeconds(entry)) ?? '?'), nsec: table.mtimeNsec[entry] ?? 0 },
    device: kind === 'char' || kind === 'block' ? deviceNumbers(table.rdev[entry] ?? 0) : undefined,
    whiteout: whiteoutOf(flags),
    opaque: (flags & Flag.opaque) !== 0,
    layout,
    inodeOffset,
    digestAlgorithm: table.digestOffset[entry] === 0 ? undefined : (flags & Flag.sha512) === 0 ? 'sha256' : 'sha512',
    verity,
    ...contentFacts(content, kind === 'file' || kind === 'symlink', stores.length),
    ...(isInLayer(session, entry, content, stores.length) && inLayer),
    xattrs: attempt(() => xattrsOf(image, entry)) ?? [],
    hardLinks: hardLinksOf(image, entry),
    problems: image.problems
      .filter((problem) => problem.entry === entry)
      .map((problem) => problemValue(image, problem)),
  };
}

/** What the reader refuses of a broken entry it has said among the problems. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof ImageError) return undefined;
    throw cause;
  }
}

export function problemValue({ table }: Image, { severity, code, entry, offset, message }: Problem): ProblemValue {
  return { severity, code, entry, path: entry === undefined ? undefined : pathOf(table, entry), offset, message };
}

/** Whether content is read from the layer itself: a file in a directory; in a tar, where no store can have it. */
function isInLayer(session: ImageSession, entry: number, content: Content | undefined, stores: number): boolean {
  if (content?.kind === 'unavailable') return session.fileOf(entry) !== undefined;
  return content?.kind === 'object' && stores === 0 && session.layerContentOf(entry) !== undefined;
}

const inLayer = { content: 'layer', contentNote: undefined } as const;

function xattrsOf(image: Image, entry: number): readonly XattrValue[] {
  if (image instanceof StackImage) {
    return image
      .rawXattrs(entry)
      .map(({ effective, ...xattr }) => xattrValue(xattr, effective && displayBytes(effective)));
  }
  return image.xattrs(entry).map((xattr) => xattrValue(xattr, effectiveName(displayBytes(xattr.name), image.kind)));
}

function xattrValue({ name, value, storage, offset }: Xattr, effective: string | undefined): XattrValue {
  const rawName = displayBytes(name);
  return {
    name: rawName,
    effectiveName: effective,
    value: value.slice(0, MAX_VALUE_BYTES),
    valueLength: value.length,
    decoded: decodeXattr(rawName, value),
    storage,
    offset,
  };
}

/** The layer that has an entry's attributes, or its bytes; where there are no layers, the image itself. */
function sourceOf(image: Image, entry: number, what: 'attributes' | 'bytes'): Image {
  if (!(image instanceof StackImage)) return image;
  const { layer } = what === 'bytes' ? image.dataOf(entry) : image.partOf(entry);
  return image.layers[layer] ?? image;
}

/** What is no image on a disk has no inodes to point at. */
const readFrom: Readonly<Partial<Record<Image['kind'], string>>> = {
  tar: 'from its header in the tar',
  directory: 'from the directory as it was read',
};

/** How the inode lies on disk, as its first field tells: `0x5: extended, flat with inline tail`. */
function inodeLayout(image: Image, entry: number): Pick<EntryDetails, 'layout' | 'inodeOffset'> {
  const layout = readFrom[sourceOf(image, entry, 'attributes').kind];
  if (layout !== undefined) return { layout, inodeOffset: undefined };
  const first: Field | undefined = attempt(() => image.fields(entry))?.[0];
  if (first === undefined) return { layout: 'unreadable', inodeOffset: undefined };
  const inodeOffset = first.offset;
  if (first.name !== 'i_format') return { layout: 'native 2023', inodeOffset };
  return { layout: first.value.slice(first.value.indexOf(': ') + 2), inodeOffset };
}

function whiteoutOf(flags: number): string | undefined {
  if ((flags & Flag.stub) !== 0) return 'stub of the 256';
  if ((flags & Flag.whiteout) !== 0) return 'whiteout (character device 0:0)';
  return (flags & Flag.escapedWhiteout) === 0 ? undefined : 'whiteout (escaped)';
}

function contentFacts(
  content: Content | undefined,
  hasContent: boolean,
  stores: number,
): Pick<EntryDetails, 'content' | 'contentNote'> {
  if (!hasContent) return { content: undefined, contentNote: undefined };
  if (content === undefined) return { content: 'unavailable', contentNote: 'Where the content is cannot be read.' };
  switch (content.kind) {
    case 'unavailable':
      return { content: 'unavailable', contentNote: content.why };
    case 'object':
      if (content.redirect === undefined) {
        return { content: 'unavailable', contentNote: 'The image does not say where the content is.' };
      }
      return { content: 'object', contentNote: stores === 0 ? 'No store is attached.' : undefined };
    default:
      return { content: content.kind, contentNote: undefined };
  }
}

/** Paths of other entries with the same inode. Directories have none, whatever their link count. */
function hardLinksOf({ table }: Image, entry: number): readonly string[] {
  if ((table.nlink[entry] ?? 0) < 2 || isDirectory(table, entry)) return [];
  const paths: string[] = [];
  const { inode, count } = table;
  const own = inode[entry];
  for (let other = 0; other < count && paths.length < MAX_HARD_LINKS; other += 1) {
    if (inode[other] === own && other !== entry) paths.push(pathOf(table, other));
  }
  return paths;
}

/** The status of an entry with its reason: a look at the object now, which is also noted in the session. */
async function verityDetail(
  session: ImageSession,
  entry: number,
  stores: readonly AttachedStore[],
): Promise<VerityDetail | undefined> {
  const { statusOf, image } = session;
  const object = (await session.indexed).ofEntry[entry] ?? -1;
  const status = statusOf(entry);
  if (status === undefined) return undefined;
  if (object === -1) {
    return {
      status,
      message:
        status === 'inline'
          ? inlineSentence(image, entry)
          : 'It has a digest, but no redirect says where its object is.',
      objectPath: undefined,
      store: undefined,
      objectSize: undefined,
      errno: undefined,
    };
  }
  const alone = { count: 1, ofEntry: new Int32Array(0), firstEntry: Uint32Array.of(entry) };
  const roots = stores.map((store) => store.found.dataRoot);
  const look = await quickCheck(image, alone, roots);
  const seen = verityStatuses[look.status[0] ?? 1] ?? 'unchecked';
  const root = look.root[0] ?? NO_ROOT;
  const store = root === NO_ROOT ? undefined : stores[root];
  // A look without hashing cannot take back what a hash has shown of the very same file.
  const now = session.verdicts.statusOf(object, seen, {
    dataRoot: store?.found.dataRoot,
    size: look.size[0] ?? Number.NaN,
    mtimeMs: look.mtimeMs[0] ?? Number.NaN,
  });
  session.noteStatus(object, now);
  const redirect = displayBytes(redirectBytes(image.table, entry) ?? new Uint8Array(0));
  const size = look.size[0];
  const verdict = session.verdicts.verdict(object);
  const reason = look.reasons.get(0) ?? (verdict?.status === now ? verdict : undefined);
  const expected = image.table.size[entry] ?? 0;
  return {
    status: now,
    message: messageOf(now, { redirect, expected, size, reason: reason?.reason, stores: stores.length }),
    objectPath: store === undefined ? undefined : `${store.found.dataRoot.replace(/\/$/, '')}/${redirect}`,
    store: store?.id,
    objectSize: size === undefined || Number.isNaN(size) ? undefined : size,
    errno: reason?.errno ?? (now === 'missing' ? 'ENOENT' : undefined),
  };
}

interface Circumstances {
  readonly redirect: string;
  readonly expected: number;
  readonly size: number | undefined;
  readonly reason: string | undefined;
  readonly stores: number;
}

const sentences = {
  inline: "The content lies in the image itself; the image's own digest protects it.",
  inlineInTar:
    'The content is small enough to lie in the image that is made of this layer: no object is needed for it.',
  ok: 'The fs-verity digest of the object is the expected one.',
  sealed: 'The fs-verity digest of the object is the expected one, and the kernel has fs-verity enabled on it.',
  unsealed: 'The content is right, but fs-verity is not enabled on the object: a mount with verity=require refuses it.',
  'no-digest': 'The image names the object but not its digest: nothing protects this file.',
  'digest-mismatch': 'The object has other content than the image says.',
  'wrong-seal': 'fs-verity is enabled on the object with another digest than the image asks for.',
} as const;

const inlineSentence = (image: Image, entry: number): string =>
  sourceOf(image, entry, 'bytes').kind === 'tar' ? sentences.inlineInTar : sentences.inline;

function messageOf(status: VerityStatus, { redirect, expected, size, reason, stores }: Circumstances): string {
  switch (status) {
    case 'unchecked':
      return stores === 0
        ? 'No store is attached, so that nobody has looked for the object.'
        : 'The object is there and has the right size; its content has not been checked.';
    case 'missing':
      return `No object ${redirect} in ${stores === 1 ? 'the attached store' : `any of the ${stores} attached stores`}.`;
    case 'size-mismatch':
      return `The object has ${size ?? '?'} bytes, the image says ${expected}.`;
    case 'unreadable':
      return reason === undefined ? 'The object cannot be read.' : `${reason}.`;
    default:
      return sentences[status];
  }
}
