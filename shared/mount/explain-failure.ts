import type { MountCause, MountPlan, MountStep } from '../contract/mount-values.ts';

/** What is known of a mount that failed. */
export interface FailedMount {
  readonly plan: MountPlan | undefined;
  readonly steps: readonly MountStep[];
  readonly errno: string | undefined;
  /** What the helper saw itself. */
  readonly reason: MountCause | undefined;
  /** In the helper's words, a clause. */
  readonly message: string;
  readonly path: string | undefined;
}

export interface MountExplanation {
  readonly cause: MountCause;
  readonly certainty: 'certain' | 'likely';
  readonly sentence: string;
  readonly advice: string | undefined;
}

/**
 * The likely cause of a failed mount: what the helper saw itself, else what the kernel said, else what the errno means at
 * the step that failed.
 *
 * @see spec mount.md, section 7; kernel-verity.md; Linux fs/overlayfs/params.c and super.c, fs/erofs/super.c
 */
export function explainMountFailure(failed: FailedMount): MountExplanation {
  const { reason } = failed;
  if (reason !== undefined) return { cause: reason, certainty: 'certain', ...known(reason, failed) };
  const step = failed.steps.findLast(({ outcome }) => outcome === 'failed');
  const log = failed.steps.flatMap((one) => one.log).join('\n');
  const seen: Seen = { ...failed, step, log, errno: failed.errno ?? step?.errno };
  const rule = rules.find(({ matches }) => matches(seen));
  if (rule !== undefined) {
    return { cause: rule.cause, certainty: rule.certainty, ...known(rule.cause, failed) };
  }
  const where = step === undefined ? '' : ` at step ${step.number} (${step.call}, ${step.detail})`;
  const sentence = `The kernel refused the mount${where} with ${seen.errno ?? 'no errno'}: ${failed.message}.`;
  const advice = 'The steps and the kernel’s own lines below are all that is known.';
  return { cause: 'unknown', certainty: 'likely', sentence, advice };
}

interface Seen extends FailedMount {
  readonly step: MountStep | undefined;
  /** All that the kernel said, a message a line. */
  readonly log: string;
}

interface Rule {
  readonly cause: MountCause;
  readonly certainty: 'certain' | 'likely';
  readonly matches: (seen: Seen) => boolean;
}

const isErofs = ({ step }: Seen): boolean => step?.detail.startsWith('erofs') === true;
const isOverlay = ({ step }: Seen): boolean => step?.detail.startsWith('overlay') === true;
const said =
  (pattern: RegExp) =>
  (seen: Seen): boolean =>
    pattern.test(seen.log);

/** The first that matches is taken: the kernel's own words before errnos, which mean many things. */
const rules: readonly Rule[] = [
  {
    cause: 'no-filesystem',
    certainty: 'certain',
    matches: ({ step, errno }) => step?.call === 'fsopen' && errno === 'ENODEV',
  },
  {
    cause: 'kernel-too-old',
    certainty: 'certain',
    matches: ({ step, errno }) => step?.call === 'fsopen' && errno === 'ENOSYS',
  },
  { cause: 'damaged-seal', certainty: 'certain', matches: said(/FILE CORRUPTED/) },
  { cause: 'not-erofs', certainty: 'certain', matches: said(/cannot find valid erofs superblock/) },
  {
    cause: 'corrupt-image',
    certainty: 'certain',
    matches: (seen) =>
      isErofs(seen) &&
      (said(/erofs.*(?:invalid checksum|bogus|corrupted|rootino|root inode|isn't supported|unidentified)/)(seen) ||
        ['EUCLEAN', 'EBADMSG', 'EOPNOTSUPP'].includes(seen.errno ?? '')),
  },
  { cause: 'too-deep', certainty: 'certain', matches: said(/maximum fs stacking depth exceeded/) },
  {
    cause: 'layers-overlap',
    certainty: 'certain',
    matches: said(/(?:overlapping|conflicting) (?:lowerdir|datadir|upperdir|workdir)|is in-use as .*(?:lower|data)/),
  },
  { cause: 'upper-in-use', certainty: 'certain', matches: said(/(?:upperdir|workdir) is in-use/) },
  {
    cause: 'upper-unfit',
    certainty: 'certain',
    matches: said(
      /upperdir .*not supported|upper fs|workdir and upperdir must|failed to create directory .*work|filesystem on .* not supported|upper.*read-?only/i,
    ),
  },
  { cause: 'verity-options', certainty: 'certain', matches: said(/conflicting options: .*verity|verity=.*requires/) },
  {
    cause: 'overlay-of-overlay',
    certainty: 'likely',
    matches: (seen) => isOverlay(seen) && said(/filesystem on .* not supported as (?:lower|data|upper)/)(seen),
  },
  {
    cause: 'kernel-too-old',
    certainty: 'certain',
    matches: (seen) =>
      isOverlay(seen) &&
      (said(/Unknown parameter/)(seen) || /(?:verity|metacopy|redirect_dir) =/.test(seen.step?.detail ?? '')) &&
      seen.errno === 'EINVAL',
  },
  { cause: 'bad-option', certainty: 'certain', matches: said(/Unknown parameter|bad value|Bad value/) },
  {
    cause: 'no-loop-device',
    certainty: 'certain',
    matches: ({ step }) => step?.call.startsWith('LOOP_') === true || step?.detail.startsWith('/dev/loop') === true,
  },
  { cause: 'not-permitted', certainty: 'certain', matches: ({ errno }) => errno === 'EPERM' || errno === 'EACCES' },
  {
    cause: 'corrupt-image',
    certainty: 'likely',
    matches: (seen) => isErofs(seen) && ['EIO', 'EINVAL'].includes(seen.errno ?? ''),
  },
  { cause: 'missing-path', certainty: 'likely', matches: ({ errno }) => errno === 'ENOENT' },
];

/** What is said of a cause. */
function known(
  cause: MountCause,
  failed: FailedMount,
): { readonly sentence: string; readonly advice: string | undefined } {
  const path = failed.path ?? imageOf(failed);
  const words = texts[cause];
  return { sentence: words.sentence(path, failed), advice: words.advice };
}

/** The image of the step that failed, or the only one. */
function imageOf({ plan, steps }: FailedMount): string {
  const detail = steps.findLast(({ outcome }) => outcome === 'failed')?.detail ?? '';
  const named = plan?.layers.find(({ path }) => detail.includes(path));
  return named?.path ?? plan?.layers[0]?.path ?? 'the image';
}

interface Words {
  readonly sentence: (path: string, failed: FailedMount) => string;
  readonly advice: string | undefined;
}

const texts: Readonly<Record<MountCause, Words>> = {
  'not-permitted': {
    sentence: (path, { message, reason }) =>
      reason === undefined
        ? `The kernel does not permit it: mounting ${path} needs an administrator, and in a container it may be forbidden to all.`
        : `Not permitted: ${message}.`,
    advice: 'Mount it with the rights that it needs, or as root.',
  },
  'no-helper': {
    sentence: (_, { message }) => `The helper did not do it: ${message}.`,
    advice: undefined, // whoever knows the command gives it
  },
  'missing-path': {
    sentence: (path) => `${path} is not there.`,
    advice: 'Check the path; it may lie on a file system that is not mounted.',
  },
  symlink: {
    sentence: (path) => `A part of ${path} is a symlink, which the helper does not follow.`,
    advice: 'Name the place itself, as realpath prints it.',
  },
  'not-a-file': { sentence: (path) => `${path} is no regular file.`, advice: 'An image is a file.' },
  'not-a-directory': { sentence: (path) => `${path} is no folder, or a part of it is none.`, advice: 'Name a folder.' },
  'mountpoint-not-empty': {
    sentence: (path) => `The mount point ${path} is not empty: the mount would hide what lies in it.`,
    advice: 'Name an empty folder, or let Composcope make one of its own.',
  },
  'mountpoint-not-yours': {
    sentence: (path, { message }) => `${path} cannot be mounted on: ${message}.`,
    advice: 'Name an empty folder of your own, or let Composcope make one.',
  },
  'not-erofs': {
    sentence: (path) => `${path} is no EROFS image: the kernel finds no superblock in it.`,
    advice: 'Check that it is the right file; `composcope info` says what it is.',
  },
  'corrupt-image': {
    sentence: (path) => `${path} is damaged, or has a feature that this kernel does not know.`,
    advice: 'Open it in Explore, or run `composcope info`: it says what is wrong, and at which offset.',
  },
  'damaged-seal': {
    sentence: (path) => `${path} is sealed with fs-verity, and a block of it on the disk is not what was sealed.`,
    advice: 'The disk, or whoever wrote past the file system, has changed it: get the image again.',
  },
  'no-image-seal': {
    sentence: (path) => `${path} is not sealed with fs-verity.`,
    advice: 'Seal it: `fsverity enable`.',
  },
  'digest-mismatch': {
    sentence: (path, { message }) => `${path} is not the image that is expected: ${message}.`,
    advice: 'Get the image again, or check where the expected digest comes from.',
  },
  'image-too-large': {
    sentence: (path, { message }) => `${path} cannot be checked: ${message}.`,
    advice: 'Seal it with `fsverity enable`, so that the kernel can measure it; or mount it without a digest.',
  },
  'kernel-too-old': {
    sentence: (_, { steps }) => tooOld(steps),
    advice: 'The preflight lists what this kernel can do; without verity=require, older ones can mount, too.',
  },
  'no-filesystem': {
    sentence: (_, { steps }) =>
      `This kernel has no ${typeOf(steps)}: it was built without, or its module is not there.`,
    advice: 'Load or install the module (modprobe erofs, modprobe overlay).',
  },
  'no-loop-device': {
    sentence: () => 'The image needs a loop device here, and none can be had.',
    advice: 'Load the module (modprobe loop); in a container, /dev/loop-control and /dev/loopN have to be passed in.',
  },
  'no-store': {
    sentence: () => 'There is no store to mount the image over.',
    advice: 'Name the folder that its objects lie in.',
  },
  'overlay-of-overlay': {
    sentence: () => 'One of the layers lies on a file system that overlayfs does not take, such as another overlay.',
    advice: 'Put store, upper layer and work directory on a file system of a disk.',
  },
  'layers-overlap': {
    sentence: () => 'Two of the layers are the same folder, or one lies in another.',
    advice: 'Name each store and layer once; upper layer and work directory lie beside each other, not in each other.',
  },
  'upper-unfit': {
    sentence: () =>
      'Upper layer and work directory do not fit: they have to be on one file system that is writable and has extended attributes.',
    advice: 'Make both in one folder of ext4, xfs or btrfs.',
  },
  'upper-in-use': {
    sentence: () => 'Upper layer or work directory belong to another overlay that is mounted.',
    advice: 'Unmount that one first, or take others.',
  },
  'bad-option': {
    sentence: () => 'The kernel does not take one of the options.',
    advice: 'The step that failed says which.',
  },
  'verity-options': {
    sentence: () => 'The kernel does not take these options of verity together.',
    advice: 'verity=require needs metacopy=on.',
  },
  'too-deep': {
    sentence: () => 'The layers lie on overlays already, and the kernel stacks no deeper.',
    advice: 'Mount from the file systems below.',
  },
  'not-composefs': {
    sentence: (path) => `${path} is no composefs mount, and Composcope did not make it.`,
    advice: 'umount takes it away, if that is what you want.',
  },
  busy: {
    sentence: (path) => `${path} is in use.`,
    advice: 'End what holds it, or unmount it lazily: it is out of sight at once, and freed when the last one lets go.',
  },
  'not-mounted': {
    sentence: (path, { message }) => `There is no mount at ${path} to be taken away: ${message}.`,
    advice: undefined,
  },
  unknown: { sentence: (_, { message }) => `It failed: ${message}.`, advice: undefined },
};

const typeOf = (steps: readonly MountStep[]): string =>
  steps.findLast(({ outcome }) => outcome === 'failed')?.detail === 'overlay' ? 'overlayfs' : 'EROFS';

/** Since when Linux has what a step needs. @see spec mount.md, section 3 */
function tooOld(steps: readonly MountStep[]): string {
  const { detail = '', call } = steps.findLast(({ outcome }) => outcome === 'failed') ?? {};
  const option = /^overlay: (\w+) =/.exec(detail)?.[1];
  const since: Readonly<Record<string, string>> = { verity: '6.6', metacopy: '4.19', redirect_dir: '4.10' };
  if (option !== undefined && since[option] !== undefined) {
    return `This kernel’s overlayfs does not know ${option}=, which came with Linux ${since[option]}.`;
  }
  if (call === 'fsopen') return 'This kernel has no fsopen, which came with Linux 5.2.';
  return 'This kernel’s overlayfs lacks something: data-only layers came with Linux 6.5.';
}
