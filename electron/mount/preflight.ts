import { constants, existsSync } from 'node:fs';
import { open, readdir, readFile, realpath } from 'node:fs/promises';
import { release as kernelRelease } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { KernelProbe } from '../../shared/contract/helper.ts';
import type { MountAccess, Preflight } from '../../shared/contract/mount-values.ts';
import type { MountinfoLine } from '../../shared/mount/mountinfo.ts';
import { judgePreflight } from '../../shared/mount/preflight-rules.ts';
import type { PlaceFacts } from '../../shared/mount/preflight-rules.ts';
import { mountsNow } from '../kernel/mounts-now.ts';
import { kernelHasVerity, measureVerity } from '../kernel/verity-ioctl.ts';

/** Entries of a store that are looked at until an object is found. */
const MAX_LOOKED_AT = 2000;

/** Looks at this system, and judges. */
export async function preflight(asked: {
  readonly images: readonly string[];
  readonly stores: readonly string[];
  readonly access: MountAccess;
  readonly probe: KernelProbe | undefined;
}): Promise<Preflight> {
  const lines = mountsNow();
  const release = kernelRelease();
  return judgePreflight({
    release,
    config: await kernelConfig(release),
    filesystems: ((await readIfThere('/proc/filesystems')) ?? '').split('\n').map((line) => line.split('\t')[1] ?? ''),
    probe: asked.probe,
    access: asked.access,
    loopControl: existsSync('/dev/loop-control'),
    kernelVerity: kernelHasVerity(),
    stores: await Promise.all(asked.stores.map((path) => placeOf(path, lines, firstFile))),
    images: await Promise.all(asked.images.map((path) => placeOf(path, lines, async (file) => file))),
    selinux: await selinux(),
    tools: programs(['mount.composefs', 'fsverity']),
  });
}

async function kernelConfig(release: string): Promise<ReadonlyMap<string, 'y' | 'm'> | undefined> {
  const text =
    (await unpackedConfig()) ??
    (await readIfThere(`/boot/config-${release}`)) ??
    (await readIfThere(`/lib/modules/${release}/config`));
  if (text === undefined) return undefined;
  const set = [...text.matchAll(/^(CONFIG_\w+)=([ym])$/gm)];
  return new Map(set.map(([, name = '', value]) => [name, value === 'm' ? 'm' : 'y']));
}

async function unpackedConfig(): Promise<string | undefined> {
  try {
    return (await promisify(gunzip)(await readFile('/proc/config.gz'))).toString();
  } catch {
    return undefined; // not every kernel has it
  }
}

/** @param sample a file of which fs-verity can be asked */
async function placeOf(
  path: string,
  lines: readonly MountinfoLine[],
  sample: (path: string) => Promise<string | undefined>,
): Promise<PlaceFacts> {
  try {
    const real = await realpath(path);
    const line = mountOf(real, lines);
    const file = await sample(real);
    const verity = file === undefined ? undefined : await verityOf(file);
    return { path, errno: undefined, type: line?.type, source: line?.source, verity };
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return { path, errno: code, type: undefined, source: undefined, verity: undefined };
  }
}

/** The mount that a path lies on: the one whose mount point is the longest that begins it; of several, the last. */
function mountOf(path: string, lines: readonly MountinfoLine[]): MountinfoLine | undefined {
  return lines
    .filter(({ mountpoint }) => mountpoint === '/' || path === mountpoint || path.startsWith(`${mountpoint}/`))
    .reduce<MountinfoLine | undefined>(
      (best, line) => (best === undefined || line.mountpoint.length >= best.mountpoint.length ? line : best),
      undefined,
    );
}

/** What fs-verity says of a file. @see Linux fs/verity/measure.c; fs/ext4/ioctl.c: EOPNOTSUPP without the feature */
async function verityOf(path: string): Promise<PlaceFacts['verity']> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const measured = measureVerity(file.fd);
    if (!('errno' in measured)) return 'sealed';
    if (measured.errno === 'ENODATA') return 'able';
    return measured.errno === 'EOPNOTSUPP' && kernelHasVerity() ? 'off' : 'none';
  } finally {
    await file.close();
  }
}

/** Some object of a store: the first regular file that is found. */
async function firstFile(folder: string): Promise<string | undefined> {
  let looked = 0;
  for (const folders = [folder]; ;) {
    const at = folders.shift();
    if (at === undefined || looked > MAX_LOOKED_AT) return undefined;
    for (const entry of await readdir(at, { withFileTypes: true })) {
      looked += 1;
      const path = join(at, entry.name);
      if (entry.isFile() && (await isReadable(path))) return path;
      if (entry.isDirectory() && folders.length < MAX_LOOKED_AT) folders.push(path);
    }
  }
}

async function isReadable(path: string): Promise<boolean> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return (await file.stat()).isFile();
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

async function selinux(): Promise<'enforcing' | 'permissive' | undefined> {
  const enforce = await readIfThere('/sys/fs/selinux/enforce');
  if (enforce === undefined) return undefined;
  return enforce.trim() === '1' ? 'enforcing' : 'permissive';
}

/** Those that are there; the folders of administrators too, which an ordinary user's PATH may lack. */
function programs(names: readonly string[]): readonly string[] {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin'];
  return names.filter((name) => folders.some((folder) => folder !== '' && existsSync(join(folder, name))));
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
