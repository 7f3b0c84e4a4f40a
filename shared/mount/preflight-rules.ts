import type { KernelProbe } from '../contract/helper.ts';
import type { MountAccess, Preflight, PreflightCheck, PreflightId } from '../contract/mount-values.ts';

/** What was found out about this system. */
export interface PreflightFacts {
  /** `6.18.44`; as uname has it. */
  readonly release: string;
  /** Options of the kernel's build: `y`, `m`; undefined: it is not known how it was built. */
  readonly config: ReadonlyMap<string, 'y' | 'm'> | undefined;
  /** Of /proc/filesystems. */
  readonly filesystems: readonly string[];
  /** What the kernel says as root; undefined: it was not asked. */
  readonly probe: KernelProbe | undefined;
  readonly access: MountAccess;
  readonly loopControl: boolean;
  /** Some file system has fs-verity. */
  readonly kernelVerity: boolean;
  readonly stores: readonly PlaceFacts[];
  readonly images: readonly PlaceFacts[];
  readonly selinux: 'enforcing' | 'permissive' | undefined;
  /** Programs that are on PATH. */
  readonly tools: readonly string[];
}

/** Where a store or an image lies. */
export interface PlaceFacts {
  readonly path: string;
  /** errno, where it cannot be opened. */
  readonly errno: string | undefined;
  /** `ext4`, …; undefined: not known. */
  readonly type: string | undefined;
  /** `/dev/vda1`, where the file system is mounted from. */
  readonly source: string | undefined;
  /** Of the file that was asked: `sealed`, `able`: it could be; `off`: the feature is off on this file system; `none`. */
  readonly verity: 'sealed' | 'able' | 'off' | 'none' | undefined;
}

/** Each check with its verdict, from what was found out. @see spec mount.md, section 3; kernel-verity.md */
export function judgePreflight(facts: PreflightFacts): Preflight {
  const checks = [
    privilege(facts),
    kernel(facts),
    filesystem(facts, 'erofs', 'EROFS', 'CONFIG_EROFS_FS', '5.15'),
    ...facts.images.map((image) => imageCheck(image, facts)),
    imageSource(facts),
    filesystem(facts, 'overlay', 'overlayfs', 'CONFIG_OVERLAY_FS', '5.15'),
    dataOnly(facts),
    layerOptions(facts),
    verityOption(facts),
    fsVerity(facts),
    ...facts.stores.map((store) => storeCheck(store, facts)),
    selinux(facts),
    tools(facts),
  ];
  const failed = (ids: readonly PreflightId[]): boolean =>
    checks.some(({ id, verdict }) => verdict === 'no' && ids.includes(id));
  const canMount =
    !failed(['privilege', 'erofs', 'overlay', 'image-source', 'data-only']) && places(facts).every(isThere);
  return { checks, canMount, canVerify: canMount && !failed(['verity-option', 'fs-verity', 'store']) };
}

const places = ({ stores, images }: PreflightFacts): readonly PlaceFacts[] => [...stores, ...images];
const isThere = ({ errno }: PlaceFacts): boolean => errno === undefined;

type Verdict = PreflightCheck['verdict'];

const check = (
  id: PreflightId,
  title: string,
  verdict: Verdict,
  finding: string,
  advice?: string,
  facts: PreflightCheck['facts'] = [],
): PreflightCheck => ({ id, title, verdict, finding, advice, facts });

function privilege({ access }: PreflightFacts): PreflightCheck {
  const verdict = access.by === 'command' ? 'unknown' : 'yes';
  const advice = access.by === 'command' ? 'Copy the command into a terminal: sudo composcope mount …' : undefined;
  return check('privilege', 'Privilege', verdict, access.sentence, advice);
}

/** Whether a release is a version or newer. @param version `6.12` */
export function isAtLeast(release: string, version: string): boolean {
  const [major = 0, minor = 0] = release.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function kernel({ release, config }: PreflightFacts): PreflightCheck {
  const isEnough = isAtLeast(release, '6.6');
  const finding = isEnough
    ? `Linux ${release} has all that composefs mounts need, as far as it was built in.`
    : `Linux ${release} is older than 6.6, which brought verity=; a distribution may have brought it to an older one.`;
  const known = config === undefined ? 'not known' : 'known';
  return check('kernel', 'Kernel', isEnough ? 'yes' : 'unknown', finding, undefined, [
    { label: 'release', value: release },
    { label: 'configuration', value: known },
  ]);
}

function filesystem(
  { filesystems, config, probe }: PreflightFacts,
  type: 'erofs' | 'overlay',
  title: string,
  option: string,
  since: string,
): PreflightCheck {
  if (filesystems.includes(type)) return check(type, title, 'yes', `The kernel has ${title}.`);
  if (probe !== undefined && probe[type] === undefined)
    return check(type, title, 'yes', `The kernel has ${title}, as a module.`);
  const built = config?.get(option);
  if (probe === undefined && built === 'm') {
    return check(type, title, 'unknown', `${title} is a module that is not loaded; the first mount loads it.`);
  }
  const finding =
    config === undefined
      ? `The kernel has no ${title} at this moment; whether it has a module is not known.`
      : `The kernel was built without ${title}${built === 'm' ? ', or its module is not installed' : ''}.`;
  const advice = `modprobe ${type}; or install a kernel with ${option} (of Linux ${since} or newer).`;
  return check(type, title, config === undefined && probe === undefined ? 'unknown' : 'no', finding, advice);
}

function imageSource({ config, release, loopControl, probe }: PreflightFacts): PreflightCheck {
  const [id, title] = ['image-source', 'Image as a file, or by a loop device'] as const;
  const direct = config?.has('CONFIG_EROFS_FS_BACKED_BY_FILE');
  const hasLoop = loopControl && (probe === undefined || probe.loop === undefined);
  const direction =
    direct === true
      ? 'EROFS takes an image file as it is, where its file system is ext4, xfs or the like'
      : direct === false
        ? 'EROFS takes no file without a loop device here'
        : `whether EROFS takes a file as it is, is not known (${isAtLeast(release, '6.12') ? 'Linux 6.12 and newer can' : 'it came with Linux 6.12'})`;
  if (hasLoop) return check(id, title, 'yes', `Loop devices are there; ${direction}.`);
  const why = loopControl ? `no loop device is free (${probe?.loop ?? ''})` : 'there is no /dev/loop-control';
  const advice = 'modprobe loop; a container has to be given /dev/loop-control and the devices.';
  return check(
    id,
    title,
    direct === true ? 'unknown' : 'no',
    `${why[0]?.toUpperCase()}${why.slice(1)}; ${direction}.`,
    advice,
  );
}

function dataOnly({ release, probe }: PreflightFacts): PreflightCheck {
  const [id, title] = ['data-only', 'Data-only layers'] as const;
  // `datadir+` came later than `::`
  const isSure = probe !== undefined && probe.layerOptions !== 'one-string';
  if (isSure || isAtLeast(release, '6.5'))
    return check(id, title, 'yes', 'overlayfs takes stores as data-only layers.');
  const finding = `Data-only layers came with Linux 6.5; on ${release} the store becomes an ordinary layer, hidden by the image’s whiteouts.`;
  return check(id, title, 'unknown', finding);
}

function layerOptions({ release, probe }: PreflightFacts): PreflightCheck {
  const [id, title] = ['layer-options', 'Layers one by one'] as const;
  const words = {
    descriptors: 'overlayfs takes each layer as an open folder: nothing can be swapped in between.',
    paths: 'overlayfs takes each layer by itself, and folders in the shape of a path that only the helper has.',
    'one-string': 'overlayfs takes all layers in one option (before Linux 6.7).',
  } as const;
  if (probe !== undefined)
    return check(id, title, probe.layerOptions === 'one-string' ? 'unknown' : 'yes', words[probe.layerOptions]);
  const guessed = isAtLeast(release, '6.13') ? 'descriptors' : isAtLeast(release, '6.7') ? 'paths' : 'one-string';
  return check(id, title, guessed === 'one-string' ? 'unknown' : 'yes', words[guessed]);
}

function verityOption({ release, probe }: PreflightFacts): PreflightCheck {
  const [id, title] = ['verity-option', 'verity=require'] as const;
  const has = probe === undefined ? isAtLeast(release, '6.6') : probe.verity;
  if (has) return check(id, title, 'yes', 'overlayfs knows verity=.');
  const verdict = probe === undefined ? 'unknown' : 'no';
  return check(
    id,
    title,
    verdict,
    'overlayfs does not know verity=, which came with Linux 6.6.',
    'Mount without verity=require, or take a newer kernel.',
  );
}

function fsVerity({ kernelVerity, config }: PreflightFacts): PreflightCheck {
  const [id, title] = ['fs-verity', 'fs-verity'] as const;
  if (kernelVerity || config?.get('CONFIG_FS_VERITY') === 'y')
    return check(id, title, 'yes', 'The kernel has fs-verity.');
  const finding =
    'The kernel has no fs-verity: with verity=require, every open of a file with an object fails with EIO.';
  return check(id, title, 'no', finding, 'Mount without verity=require, or take a kernel with CONFIG_FS_VERITY.');
}

function storeCheck(store: PlaceFacts, { kernelVerity }: PreflightFacts): PreflightCheck {
  const title = `Store ${store.path}`;
  if (store.errno !== undefined)
    return check('store', title, 'no', `It cannot be read: ${store.errno}.`, 'Check the path.');
  const type = store.type ?? 'a file system that is not known';
  const facts = [
    { label: 'file system', value: type },
    ...(store.source === undefined ? [] : [{ label: 'on', value: store.source }]),
  ];
  switch (store.verity) {
    case 'sealed':
      return check(
        'store',
        title,
        'yes',
        `It lies on ${type}; an object that was looked at is sealed.`,
        undefined,
        facts,
      );
    case 'able': {
      const finding = `It lies on ${type} with fs-verity; an object that was looked at is not sealed, and verity=require would refuse it.`;
      return check('store', title, 'unknown', finding, 'Seal the objects: fsverity enable FILE, for each.', facts);
    }
    case 'off': {
      const finding = `It lies on ${type}, where fs-verity is not turned on: verity=require would refuse every object.`;
      return check('store', title, 'no', finding, turnOn(store), facts);
    }
    case 'none': {
      const finding = `It lies on ${type}, which has no fs-verity${kernelVerity ? '' : ' in this kernel'}: verity=require would refuse every object.`;
      return check(
        'store',
        title,
        'no',
        finding,
        'Move it to ext4 (with the feature), btrfs or f2fs; or mount without verity=require.',
        facts,
      );
    }
    case undefined:
      return check(
        'store',
        title,
        'unknown',
        `It lies on ${type}; whether that has fs-verity is not known.`,
        undefined,
        facts,
      );
  }
}

/** @see Linux Documentation/filesystems/fsverity.rst, "ext4", "f2fs" */
function turnOn({ type, source = 'DEVICE' }: PlaceFacts): string {
  if (type === 'ext4')
    return `Turn it on, once: tune2fs -O verity ${source} (e2fsprogs 1.45.2 or newer; the block size has to be that of a page).`;
  if (type === 'f2fs') return 'It is chosen when the file system is made: mkfs.f2fs -O verity.';
  return 'Move the store to ext4 (with the feature), btrfs or f2fs.';
}

function imageCheck(image: PlaceFacts, facts: PreflightFacts): PreflightCheck {
  const title = `Image ${image.path}`;
  if (image.errno !== undefined)
    return check('image', title, 'no', `It cannot be read: ${image.errno}.`, 'Check the path.');
  const type = image.type ?? 'a file system that is not known';
  const about = [{ label: 'file system', value: type }];
  if (image.verity === 'sealed')
    return check('image', title, 'yes', `It lies on ${type} and is sealed: the kernel measures it.`, undefined, about);
  const finding = `It lies on ${type} and is not sealed: to hold it against a digest, Composcope mounts a copy in memory. mount.composefs with digest= refuses it.`;
  const advice = image.verity === 'able' && facts.kernelVerity ? 'Seal it: fsverity enable.' : undefined;
  return check('image', title, 'unknown', finding, advice, about);
}

function selinux({ selinux: mode }: PreflightFacts): PreflightCheck {
  const [id, title] = ['selinux', 'SELinux'] as const;
  if (mode === undefined) return check(id, title, 'yes', 'SELinux is not active.');
  if (mode === 'permissive')
    return check(id, title, 'yes', 'SELinux is permissive: it forbids nothing, and notes what it would forbid.');
  const finding =
    'SELinux enforces: files of the mount have the labels that the image gives them, which may keep programs from them.';
  return check(id, title, 'unknown', finding, 'Where something is refused, `ausearch -m avc` says what.');
}

function tools({ tools: found }: PreflightFacts): PreflightCheck {
  const names = ['mount.composefs', 'fsverity'];
  const there = names.filter((name) => found.includes(name));
  const finding =
    there.length === 0
      ? 'Neither mount.composefs nor fsverity is installed; Composcope needs neither.'
      : `Installed: ${there.join(', ')}.`;
  return check('tools', 'Others’ tools', there.length === names.length ? 'yes' : 'unknown', finding);
}
