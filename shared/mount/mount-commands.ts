import type { MountCommands, MountPlan } from '../contract/mount-values.ts';

/**
 * The same mount by others' tools, for a shell. What they cannot do, or do otherwise, is said in notes.
 *
 * @param acl of each layer: its image carries POSIX ACLs
 * @param mountpoint where `plan.at` names no directory
 */
export function mountCommands(plan: MountPlan, acl: readonly boolean[], mountpoint: string): MountCommands {
  const target = 'directory' in plan.at ? plan.at.directory : mountpoint;
  const notes: string[] = [];
  const reference = composefsCommand(plan, target, notes);
  const { mount, umount } = mountLines(plan, acl, target, notes);
  return { composcope: ownCommand(plan), mountComposefs: reference, mount, umount, notes };
}

const SAFE = /^[A-Za-z0-9_/.,:=@%+-]+$/;

/** One word for a POSIX shell. */
export const shellWord = (word: string): string => (SAFE.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

const line = (...words: readonly string[]): string => words.map(shellWord).join(' ');

/** For what splits options at commas. */
const escapeComma = (path: string): string => path.replace(/[\\,]/g, '\\$&');
/** For overlayfs, which splits layers at colons as well. */
const escapeLayer = (path: string): string => path.replace(/[\\:,]/g, '\\$&');

/** @see spec mount.md, section 1: composefs man/mount.composefs.md */
function composefsCommand(plan: MountPlan, target: string, notes: string[]): string | undefined {
  const [layer] = plan.layers;
  const refuse = (why: string): undefined => {
    notes.push(`mount.composefs cannot do this: ${why}.`);
    return undefined;
  };
  if (plan.kind === 'erofs') return refuse('it mounts no image alone');
  if (plan.layers.length !== 1 || layer?.type !== 'image') return refuse('it takes one image, not a stack');
  if (plan.stores.length === 0) return refuse('it needs a store');
  if (plan.stores.some((path) => path.includes(':')))
    return refuse('it cannot be given a store with a colon in its path');
  const options = [`basedir=${plan.stores.map(escapeComma).join(':')}`];
  if (layer.digest !== undefined) {
    options.push(`digest=${layer.digest}`);
    notes.push('mount.composefs asks the kernel for the digest: an image file that is not sealed it refuses.');
    if (plan.verity === 'off') notes.push('With digest=, mount.composefs sets verity=require as well.');
  }
  if (plan.verity === 'require') options.push('verity');
  if (plan.writable)
    options.push(`upperdir=${escapeComma(plan.writable.upper)}`, `workdir=${escapeComma(plan.writable.work)}`);
  else options.push('ro');
  notes.push('mount.composefs takes no nosuid and nodev: set-uid programs and device files of the image work.');
  return line('mount.composefs', '-o', options.join(','), layer.path, target);
}

/** @see spec mount.md, section 2; Linux Documentation/filesystems/overlayfs.rst */
function mountLines(
  plan: MountPlan,
  acl: readonly boolean[],
  target: string,
  notes: string[],
): { readonly mount: readonly string[]; readonly umount: readonly string[] } {
  const { suid, dev, exec } = plan.allow;
  const flags = [...(suid ? [] : ['nosuid']), ...(dev ? [] : ['nodev']), ...(exec ? [] : ['noexec'])];
  const erofs = (index: number, path: string, at: string, more: readonly string[] = []): string =>
    line(
      'mount',
      '-t',
      'erofs',
      '-o',
      ['ro', 'loop', ...(acl[index] === true ? [] : ['noacl']), ...more].join(','),
      path,
      at,
    );
  const [only] = plan.layers;
  if (plan.kind === 'erofs' && only !== undefined) {
    return { mount: [erofs(0, only.path, target, flags)], umount: [line('umount', target)] };
  }
  if (plan.layers.some(({ digest }) => digest !== undefined)) {
    notes.push('mount checks no digest of an image: `fsverity measure` before, and nothing between the two.');
  }
  const images = plan.layers.flatMap(({ type, path }, index) =>
    type === 'image' ? [{ index, path, at: `/run/erofs-${index + 1}` }] : [],
  );
  const lower = plan.layers.map(({ path }, index) => images.find((image) => image.index === index)?.at ?? path);
  // the uppermost first; `::` begins each data-only layer
  const lowerdir = [lower.toReversed().map(escapeLayer).join(':'), ...plan.stores.map(escapeLayer)].join('::');
  const { upper, work } = plan.writable ?? {};
  if ([...lower, ...plan.stores, upper, work].some((path) => path?.includes('"') === true)) {
    notes.push('mount takes no option with a quotation mark in it: for these paths, it fails.');
  }
  const options = [
    ...(plan.writable ? [] : ['ro']),
    ...flags,
    'metacopy=on',
    'redirect_dir=on',
    ...(plan.verity === 'require' ? ['verity=require'] : []),
    `lowerdir=${lowerdir}`,
    ...(plan.writable
      ? [`upperdir=${escapeLayer(plan.writable.upper)}`, `workdir=${escapeLayer(plan.writable.work)}`]
      : []),
  ];
  return {
    mount: [
      ...images.flatMap(({ index, path, at }) => [line('mkdir', '-p', at), erofs(index, path, at)]),
      line('mount', '-t', 'overlay', plan.stores.length > 0 ? 'composefs' : 'overlay', '-o', options.join(','), target),
      ...images.flatMap(({ at }) => [line('umount', '-l', at), line('rmdir', at)]),
    ],
    umount: [line('umount', target)],
  };
}

function ownCommand(plan: MountPlan): string {
  const words = ['sudo', 'composcope', 'mount'];
  for (const { path } of plan.layers) words.push(path);
  words.push('directory' in plan.at ? plan.at.directory : '--own-folder', ...('name' in plan.at ? [plan.at.name] : []));
  if (plan.kind === 'erofs') words.push('--plain');
  for (const store of plan.stores) words.push('--store', store);
  if (plan.layers.some(({ digest }) => digest !== undefined)) {
    words.push('--digest', plan.layers.map(({ digest }) => digest ?? '-').join(','));
  }
  if (plan.kind === 'overlay') words.push('--verity', plan.verity);
  if (plan.writable) words.push('--upper', plan.writable.upper, '--work', plan.writable.work);
  const { suid, dev, exec } = plan.allow;
  words.push(...(suid ? ['--suid'] : []), ...(dev ? ['--dev'] : []), ...(exec ? [] : ['--no-exec']));
  return line(...words);
}
