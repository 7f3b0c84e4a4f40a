import type { DraftImage } from '../../../draft-image.ts';
import { lookup } from '../../../path.ts';
import { children, Flag, isDirectory, nameBytes, S_IFBLK, S_IFCHR, S_IFMT, S_IFREG } from '../../../table.ts';
import { bytesOfText, displayBytes, hexOfBytes } from '../../../text.ts';
import { SourceXattrs } from '../../source-xattrs.ts';
import { sameXattrs } from '../delta.ts';
import { bootable } from '../rules/bootable.ts';
import { hardLinks } from '../rules/hard-links.ts';
import { rootFromUsr } from '../rules/root-from-usr.ts';
import { runEmptied } from '../rules/run-emptied.ts';
import { runtimeStubs } from '../rules/runtime-stubs.ts';
import { withoutDevices } from '../rules/without-devices.ts';
import { roundTripWords } from '../round-trip.ts';
import { linkOrder } from '../format/rules/link-order.ts';
import type { Transform } from './transform.ts';

/** The row of a directory in the root. */
function folder(draft: DraftImage, name: string): number | undefined {
  const row = lookup(draft.table, bytesOfText(`/${name}`));
  return row !== undefined && isDirectory(draft.table, row) ? row : undefined;
}

/** Takes all out of a directory. */
const empty = (draft: DraftImage, directory: number): boolean =>
  draft.drop((row) => row !== directory && draft.table.parent[row] === directory) > 0;

/** Gives an entry attributes of another. @returns whether any was another before */
function take(draft: DraftImage, row: number, from: number, names: readonly AttributeName[]): boolean {
  let isChanged = false;
  for (const name of names) {
    if (draft.table[name][row] === draft.table[name][from]) continue;
    const column = draft.column(name);
    column[row] = column[from] ?? 0;
    isChanged = true;
  }
  return isChanged;
}

type AttributeName = 'mode' | 'uid' | 'gid' | 'mtime' | 'mtimeNsec';

/** T4: the root gets all six of `/usr`, before xattrs are filtered. */
function rootOfUsr(draft: DraftImage, keepsOwn: (name: Uint8Array) => boolean): boolean {
  const usr = folder(draft, 'usr');
  if (usr === undefined) return false;
  const isChanged = take(draft, 0, usr, ['mode', 'uid', 'gid', 'mtime', 'mtimeNsec']);
  if (sameXattrs(new SourceXattrs(draft), 0, usr)) return isChanged;
  draft.takeXattrs(0, usr, keepsOwn);
  return true;
}

/** A directory of the root without children, and with times of `/usr`. */
function emptied(draft: DraftImage, name: string, times: readonly ('mtime' | 'mtimeNsec')[]): boolean {
  const row = folder(draft, name);
  if (row === undefined || folder(draft, 'usr') === undefined) return false;
  const isEmptied = empty(draft, row);
  // rows are others now
  const [at, usr] = [folder(draft, name) ?? row, folder(draft, 'usr') ?? row];
  return take(draft, at, usr, times) || isEmptied;
}

/** T5: `/run` without children, with the time of `/usr`. */
const runOfUsr = (draft: DraftImage): boolean => emptied(draft, 'run', ['mtime', 'mtimeNsec']);

type BootTime = 'seconds of /usr' | 'time of /usr' | '0';

/** T6: `/boot` and `/sysroot` without children. */
function bootOfUsr(draft: DraftImage, time: BootTime): boolean {
  let isChanged = false;
  for (const name of ['boot', 'sysroot']) {
    const times = { 'seconds of /usr': ['mtime'], 'time of /usr': ['mtime', 'mtimeNsec'], '0': [] } as const;
    if (emptied(draft, name, times[time])) isChanged = true;
    const row = folder(draft, name);
    if (time !== '0' || row === undefined || draft.table.mtime[row] === 0) continue;
    draft.column('mtime')[row] = 0;
    isChanged = true;
  }
  return isChanged;
}

export const rootFromUsrTransform: Transform = {
  transform: 'T4',
  what: 'the root given the attributes of /usr',
  cause: rootFromUsr,
  group: 'root',
  apply: (draft) => rootOfUsr(draft, () => false),
};

/** As where an SELinux policy labels the tree after that. */
export const rootFromUsrButLabel: Transform = {
  transform: 'T4',
  what: 'the root given the attributes of /usr, but for its SELinux label',
  cause: rootFromUsr,
  group: 'root',
  apply: (draft) => {
    const usr = folder(draft, 'usr');
    if (usr === undefined || labelOf(draft, 0) === labelOf(draft, usr)) return false;
    return rootOfUsr(draft, (name) => displayBytes(name) === SELINUX);
  },
};

const SELINUX = 'security.selinux';
const labelOf = (draft: DraftImage, row: number): string | undefined => {
  const label = draft.xattrs(row).find(({ name }) => displayBytes(name) === SELINUX);
  return label && hexOfBytes(label.value);
};

export const runEmptiedTransform: Transform = {
  transform: 'T5',
  what: '/run emptied, with the time of /usr',
  cause: runEmptied,
  group: 'run',
  apply: runOfUsr,
};

export const bootableTransforms: readonly Transform[] = (
  [
    ['seconds of /usr', 'composefs-rs 0.5.0 to 0.9.0'],
    ['time of /usr', 'composefs-rs after 0.9.0'],
    ['0', 'composefs-rs before 0.5.0'],
  ] as const
).map(([time, who]) => ({
  transform: 'T6',
  what: `/boot and /sysroot emptied, with ${time === '0' ? 'the time 0' : `the ${time}`} (${who})`,
  cause: bootable,
  group: 'boot',
  apply: (draft: DraftImage) => bootOfUsr(draft, time),
}));

export const splitLinks: Transform = {
  transform: 'T10',
  what: 'each name of a file made a file of its own',
  cause: hardLinks,
  group: 'links',
  apply: (draft) => {
    const { table } = draft;
    let isLinked = false;
    for (let row = 0; row < table.count; row += 1) {
      const isLink = ((table.flags[row] ?? 0) & Flag.hardLink) !== 0 || (table.nlink[row] ?? 1) !== 1;
      if (isLink && !isDirectory(table, row)) isLinked = true;
    }
    if (isLinked) draft.splitLinks();
    return isLinked;
  },
};

/** Entries whose contents and xattrs are compared without making others wait. */
const MAX_MERGED = 200_000;

/** T11: a guess, as only their contents say so. */
const mergeEqual: Transform = {
  transform: 'T11',
  what: 'files that are equal in content, attributes and xattrs made one file',
  cause: hardLinks,
  group: 'links',
  apply: (draft) => {
    const { table } = draft;
    if (table.count > MAX_MERGED) return false;
    const xattrs = new SourceXattrs(draft);
    const numbers = table.inode.slice(0, table.count);
    const first = new Map<string, number>();
    const names = new Map<number, number>();
    let isMerged = false;
    for (let row = 0; row < table.count; row += 1) {
      if (isDirectory(table, row) || ((table.flags[row] ?? 0) & Flag.stub) !== 0) continue;
      const key = keyOf(draft, xattrs, row);
      const known = first.get(key);
      if (known === undefined) first.set(key, numbers[row] ?? 0);
      else if (known !== numbers[row]) {
        numbers[row] = known;
        isMerged = true;
      }
      names.set(numbers[row] ?? 0, (names.get(numbers[row] ?? 0) ?? 0) + 1);
    }
    if (!isMerged) return false;
    draft.link(numbers);
    const nlink = draft.column('nlink');
    for (let row = 0; row < table.count; row += 1) {
      if (!isDirectory(table, row)) nlink[row] = names.get(numbers[row] ?? 0) ?? nlink[row] ?? 1;
    }
    return true;
  },
};

/** All that two names of one file have alike. */
function keyOf(draft: DraftImage, xattrs: SourceXattrs, row: number): string {
  const { table } = draft;
  const attributes = [table.mode, table.uid, table.gid, table.size, table.mtime, table.mtimeNsec, table.rdev];
  const content = draft.content(row);
  const { bytes } = table;
  const inside =
    content.kind === 'inline'
      ? content.extents.map(({ offset, length }) =>
          offset === undefined ? `${length} zeros` : hexOfBytes(bytes.subarray(offset, offset + length)),
        )
      : [];
  const outside =
    content.kind === 'object' ? [content.redirect, content.digest].map((part) => (part ? hexOfBytes(part) : '')) : [];
  const named = xattrs.of(row).map(({ name, value }) => `${name}=${hexOfBytes(value)}`);
  return [...attributes.map((column) => column[row] ?? 0), content.kind, ...inside, ...outside, ...named].join('|');
}

/** Where a link is the first name in the order of a walk, and the dump or image says otherwise. */
const firstNameIsFile: Transform = {
  transform: 'D31',
  what: 'the first name of each file made the file itself',
  cause: linkOrder,
  group: 'order of links',
  formats: [0, 1],
  apply: (draft) => {
    const { table } = draft;
    let isLinked = false;
    for (let row = 0; row < table.count && !isLinked; row += 1)
      isLinked = ((table.flags[row] ?? 0) & Flag.hardLink) !== 0;
    if (isLinked) draft.link(table.inode.slice(0, table.count));
    return isLinked;
  },
};

const isWhiteout = ({ table }: DraftImage, row: number): boolean =>
  ((table.flags[row] ?? 0) & (Flag.whiteout | Flag.escapedWhiteout)) !== 0;
const isStubOfRoot = ({ table }: DraftImage, row: number): boolean => ((table.flags[row] ?? 0) & Flag.stub) !== 0;

const STUBS = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];

/** Rows of those of the paths that are there. */
function rowsAt({ table }: DraftImage, paths: readonly string[]): Set<number> {
  return new Set(paths.flatMap((path) => lookup(table, bytesOfText(path)) ?? []));
}

/** What is left out of a tree, or made one. */
export const treeTransforms: readonly Transform[] = [
  splitLinks,
  mergeEqual,
  firstNameIsFile,
  {
    transform: 'T15',
    what: 'files of the container runtime left out (/etc/hosts, /etc/resolv.conf, /dev/* and the like)',
    cause: runtimeStubs,
    group: 'stubs',
    apply: (draft) => {
      const stubs = rowsAt(draft, [...STUBS, '/etc/mtab', '/run/.containerenv', '/run/secrets', '/.dockerenv']);
      for (const name of ['dev', 'proc', 'sys']) {
        const row = folder(draft, name);
        if (row !== undefined) for (const child of children(draft.table, row)) stubs.add(child);
      }
      return draft.drop((row) => stubs.has(row)) > 0;
    },
  },
  {
    transform: 'T15',
    what: '/etc/hosts, /etc/hostname and /etc/resolv.conf left out',
    cause: runtimeStubs,
    group: 'stubs',
    apply: (draft) => {
      const stubs = rowsAt(draft, STUBS);
      return draft.drop((row) => stubs.has(row)) > 0;
    },
  },
  {
    transform: 'D29',
    what: 'devices and whiteouts left out',
    cause: withoutDevices,
    group: 'devices',
    apply: (draft) =>
      draft.drop((row) => {
        const type = (draft.table.mode[row] ?? 0) & S_IFMT;
        const isFile = type === S_IFREG && ((draft.table.flags[row] ?? 0) & Flag.escapedWhiteout) !== 0;
        return !isStubOfRoot(draft, row) && (type === S_IFCHR || type === S_IFBLK || isFile);
      }) > 0,
  },
  {
    transform: 'D33',
    what: 'whiteouts left out, as composefs-info prints format 2',
    cause: roundTripWords,
    group: 'devices',
    apply: (draft) => draft.drop((row) => !isStubOfRoot(draft, row) && isWhiteout(draft, row)) > 0,
  },
  {
    transform: 'D33',
    what: 'whiteouts of the root left out whose names have two hex digits',
    cause: roundTripWords,
    group: 'devices',
    apply: (draft) => {
      const { table } = draft;
      const inRoot = new Set(children(table, 0));
      return (
        draft.drop(
          (row) =>
            inRoot.has(row) &&
            !isStubOfRoot(draft, row) &&
            isWhiteout(draft, row) &&
            /^[0-9a-f]{2}$/i.test(displayBytes(nameBytes(table, row))),
        ) > 0
      );
    },
  },
];
