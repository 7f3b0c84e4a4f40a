import { closeSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import type { LiveMount, TracedImage } from '../../shared/contract/mount-values.ts';
import { recogniseMounts } from '../../shared/mount/recognise-mounts.ts';
import type { RecognisedMount } from '../../shared/mount/recognise-mounts.ts';
import type { MountinfoLine } from '../../shared/mount/mountinfo.ts';
import { readRecords } from './mount-records.ts';
import type { MountRecord } from './mount-records.ts';
import { mountsNow } from './mounts-now.ts';
import { measureVerity } from './verity-ioctl.ts';

/** Every composefs mount of the system, whoever made it, each traced to its image as far as the kernel has a way. */
export function liveMounts(): readonly LiveMount[] {
  const lines = mountsNow();
  const records = readRecords().filter(({ state }) => state === 'mounted');
  const recordOf = (line: MountinfoLine): MountRecord | undefined =>
    records.find(({ mountId, mountpoint }) => mountId === line.mountId && mountpoint === line.mountpoint);
  const known = new Set(lines.filter((line) => recordOf(line) !== undefined).map(({ mountId }) => mountId));
  const recognised = recogniseMounts(lines, known);
  const hidden = hiddenErofs(recognised, lines, records);
  return recognised.map((mount) => {
    const { line } = mount;
    const record = recordOf(line);
    return {
      mountId: line.mountId,
      mountpoint: line.mountpoint,
      kind: mount.kind,
      maker: record === undefined ? mount.maker : 'Composcope',
      images: record === undefined ? trace(mount, lines, hidden) : record.images.map(recorded),
      // what was asked for is better than what a kernel shows that was given descriptors
      stores: record === undefined ? mount.stores : record.stores,
      verity: mount.verity,
      upper: mount.upper,
      work: mount.work,
      readOnly: line.options.includes('ro') || line.superOptions.includes('ro'),
      options: optionsOf(line, record !== undefined),
      owner: record?.caller,
    };
  });
}

/** Each once, and without those that `stores`, `upper` and `work` say; of a mount of ours, layers are folders that are gone. */
function optionsOf({ options, superOptions }: MountinfoLine, isOurs: boolean): readonly string[] {
  const told = isOurs ? /^(?:lowerdir\+?|datadir\+|upperdir|workdir)=/ : /^(?:datadir\+|upperdir|workdir)=/;
  return [...new Set([...options, ...superOptions.filter((option) => !told.test(option))])];
}

const recorded = ({ path, digest }: MountRecord['images'][number]): TracedImage => ({
  path,
  by: 'recorded',
  note: undefined,
  digest: digest ?? measured(path),
});

/** The images of a mount that somebody else made. */
function trace(
  mount: RecognisedMount,
  lines: readonly MountinfoLine[],
  hidden: readonly string[],
): readonly TracedImage[] {
  if (mount.kind === 'erofs') return [fromSource(mount.line.source)];
  const { imageName } = mount;
  const visible = mount.lower.flatMap((path) => {
    const line = lines.findLast((one) => one.mountpoint === path && one.type === 'erofs');
    return line === undefined ? [] : [fromSource(line.source)];
  });
  if (visible.length > 0) return visible;
  const [only] = hidden;
  const image = only !== undefined && hidden.length === 1 ? fromSource(`/dev/${only}`) : fromHidden(hidden);
  return [{ ...image, digest: image.digest ?? imageName }];
}

function fromHidden(hidden: readonly string[]): TracedImage {
  const loops = hidden.flatMap((name) => backingFile(name) ?? []);
  const note =
    loops.length > 0
      ? `It is one of these, or a file that was mounted without a loop device: ${loops.join(', ')}.`
      : 'It was mounted without a loop device: the kernel has no way from the mount to the file.';
  return { path: undefined, by: 'unknown', note, digest: undefined };
}

/** By the source of an EROFS mount: a loop device, or a file. */
function fromSource(source: string): TracedImage {
  const loop = /^\/dev\/(loop\d+)$/.exec(source)?.[1];
  const backing = loop === undefined ? undefined : backingFile(loop);
  if (backing !== undefined) {
    if (!backing.endsWith(' (deleted)')) {
      return { path: backing, by: 'loop', note: undefined, digest: measured(backing) };
    }
    const note = backing.startsWith('/memfd:') ? 'It is a copy in memory.' : `The file is gone: ${backing}.`;
    return { path: undefined, by: 'loop', note, digest: undefined };
  }
  if (source.startsWith('/') && !source.startsWith('/proc/') && loop === undefined) {
    return { path: source, by: 'source', note: undefined, digest: measured(source) };
  }
  const note = 'It was mounted without a loop device: the kernel has no way from the mount to the file.';
  return { path: undefined, by: 'unknown', note, digest: undefined };
}

/** The file below a loop device. @see Linux drivers/block/loop.c, loop_attr_backing_file_show */
function backingFile(loop: string): string | undefined {
  try {
    return readFileSync(`/sys/block/${loop}/loop/backing_file`, 'utf8').replace(/\n$/, '');
  } catch {
    return undefined; // it is none, or was freed meanwhile
  }
}

/**
 * EROFS superblocks that no line of mountinfo shows and no record of ours explains: the layers of others' overlays.
 * @see Linux fs/erofs/sysfs.c
 */
function hiddenErofs(
  recognised: readonly RecognisedMount[],
  lines: readonly MountinfoLine[],
  records: readonly MountRecord[],
): readonly string[] {
  // by file, and not by device, an image has no name that leads anywhere: as soon as we have such, nothing is certain
  if (recognised.every(({ kind }) => kind === 'erofs')) return [];
  const shown = new Set(lines.filter(({ type }) => type === 'erofs').map(({ source }) => source.replace('/dev/', '')));
  const ours = new Set(records.flatMap(({ images }) => images.map(({ path }) => path)));
  try {
    return readdirSync('/sys/fs/erofs')
      .filter((name) => name !== 'features' && !shown.has(name))
      .filter((name) => !ours.has(backingFile(name) ?? ''));
  } catch {
    return []; // no EROFS here
  }
}

/** Digest of a file as the kernel measures it; undefined: it is not sealed, or cannot be opened. */
function measured(path: string): string | undefined {
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const result = measureVerity(fd);
      return 'digest' in result ? Buffer.from(result.digest).toString('hex') : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
