import { closeSync } from 'node:fs';
import {
  create,
  fsmount,
  fsopen,
  moveMount,
  openDirectoryAt,
  setDescriptor,
  setFlag,
  setString,
  unmountAt,
} from './syscalls.ts';
import { errnoOf } from './trace.ts';
import type { Trace } from './trace.ts';

/** A directory that is open, and its name for the trace. */
export interface OpenDirectory {
  readonly fd: number;
  readonly path: string;
}

/** Lower layer: a directory, or the root of an EROFS mount that is nowhere yet. */
export interface LowerLayer extends OpenDirectory {
  readonly isMount: boolean;
}

export interface OverlayPlan {
  /** What mountinfo shows as the source: `composefs` as mount.composefs has it. */
  readonly name: string;
  /** The uppermost first. */
  readonly lower: readonly LowerLayer[];
  readonly dataOnly: readonly OpenDirectory[];
  readonly writable: { readonly upper: OpenDirectory; readonly work: OpenDirectory } | undefined;
  readonly verity: 'require' | 'off';
  readonly attributes: number;
}

/** Gives folders where the EROFS layers can be attached for a moment. */
export type PrivatePlace = () => { readonly folder: (index: number) => number; readonly remove: () => void };

/**
 * How layers are told to the kernel, the best first:
 * descriptors of mounts that are nowhere (Linux 6.15), descriptors of mounts in a folder of ours (6.13), paths of
 * descriptors one by one (6.7), all of them in one string.
 */
export type Manner = 'detached' | 'descriptors' | 'paths' | 'data-only-string' | 'string';

export const manners: readonly Manner[] = ['detached', 'descriptors', 'paths', 'data-only-string', 'string'];

/** What a kernel answers that lacks what was tried. */
const LACKING = ['EINVAL', 'EBADF', 'ELOOP'];

/**
 * Makes the overlay in the best manner that the kernel has.
 *
 * @param tried all but for tests, which leave out what their kernel is too new to do without
 * @returns a mount that is nowhere yet
 */
export function mountOverlay(trace: Trace, plan: OverlayPlan, place: PrivatePlace, tried = manners): number {
  const detached = tried.includes('detached') ? attempt(trace, plan, 'detached') : undefined;
  if (detached !== undefined) return detached;
  const attached = attach(trace, plan, place);
  try {
    for (const manner of tried) {
      const fd = manner === 'detached' ? undefined : attempt(trace, attached, manner);
      if (fd !== undefined) return fd;
    }
    throw new Error('the last attempt gives or throws');
  } finally {
    attached.detach();
  }
}

/** Attaches the EROFS layers where only root looks: kernels before 6.15 want their layers to be somewhere. */
function attach(trace: Trace, plan: OverlayPlan, place: PrivatePlace): OverlayPlan & { readonly detach: () => void } {
  const { folder, remove } = place();
  const opened: number[] = [];
  const lower = plan.lower.map((layer, index) => {
    if (!layer.isMount) return layer;
    const directory = folder(index);
    opened.push(directory);
    trace.must('move_mount', `${layer.path}: where only root looks`, () => moveMount(layer.fd, directory));
    // the descriptor of the folder is that of what lies below the mount
    const root = trace.must('openat2', `root of ${layer.path}`, () => openDirectoryAt(layer.fd, '.'));
    opened.push(root);
    return { ...layer, fd: root, isMount: false };
  });
  return {
    ...plan,
    lower,
    detach: () => {
      for (const fd of opened) closeSync(fd);
      remove();
    },
  };
}

/** @returns undefined: the kernel lacks this manner, and the next is to be tried */
function attempt(trace: Trace, plan: OverlayPlan, manner: Manner): number | undefined {
  const { name, lower, dataOnly, writable, verity, attributes } = plan;
  const context = trace.must('fsopen', 'overlay', () => fsopen('overlay'));
  const roots: number[] = [];
  const skip = manner === 'string' ? [] : LACKING;
  const set = (key: string, { fd, path }: OpenDirectory): boolean =>
    trace.step(
      'fsconfig',
      `overlay: ${key} = ${path}`,
      () => {
        if (manner === 'detached' || manner === 'descriptors') setDescriptor(context, key, fd);
        else setString(context, key, `/proc/self/fd/${fd}`);
        return true;
      },
      { context, skip },
    ) === true;
  try {
    trace.must('fsconfig', `overlay: source = ${name}`, () => setString(context, 'source', name), { context });
    for (const option of ['metacopy', 'redirect_dir']) {
      trace.must('fsconfig', `overlay: ${option} = on`, () => setString(context, option, 'on'), { context });
    }
    if (verity === 'require') {
      trace.must('fsconfig', 'overlay: verity = require', () => setString(context, 'verity', 'require'), { context });
    }
    if (manner === 'string' || manner === 'data-only-string') {
      const text = oneString(lower, dataOnly, manner === 'string' ? ':' : '::');
      const done = trace.step(
        'fsconfig',
        `overlay: lowerdir = ${text}`,
        () => (setString(context, 'lowerdir', text), true),
        {
          context,
          skip,
        },
      );
      if (done === undefined) return undefined;
    } else {
      for (const layer of lower) {
        const root = layer.isMount ? openDirectoryAt(layer.fd, '.') : layer.fd;
        if (layer.isMount) roots.push(root);
        if (!set('lowerdir+', { fd: root, path: layer.path })) return undefined;
      }
      for (const store of dataOnly) if (!set('datadir+', store)) return undefined;
    }
    if (writable === undefined) trace.must('fsconfig', 'overlay: ro', () => setFlag(context, 'ro'), { context });
    else if (!set('upperdir', writable.upper) || !set('workdir', writable.work)) return undefined;
    // EINVAL means many things: only where the kernel may be too old for the manner there is another attempt
    const mayLack = manner === 'detached' && lower.some(({ isMount }) => isMount) ? ['EINVAL'] : [];
    const more = manner === 'data-only-string' ? ['EINVAL', 'ENOENT'] : mayLack;
    const made = trace.step('fsconfig', 'overlay: mount', () => (create(context), true), { context, skip: more });
    if (made === undefined) return undefined;
    const fd = trace.must('fsmount', 'overlay', () => fsmount(context, attributes), { context });
    trace.onEnd(() => closeSync(fd));
    return fd;
  } finally {
    for (const root of roots) closeSync(root);
    closeSync(context);
  }
}

/** As overlayfs had it before fsconfig. Paths of descriptors need no escapes. */
const oneString = (
  lower: readonly OpenDirectory[],
  dataOnly: readonly OpenDirectory[],
  separator: ':' | '::',
): string => {
  const paths = (list: readonly OpenDirectory[]): string[] => list.map(({ fd }) => `/proc/self/fd/${fd}`);
  return [paths(lower).join(':'), ...paths(dataOnly)].join(separator);
};

/** Takes an attached layer away; overlay has a clone of its own. */
export function unmountLower(folder: number, name: string): void {
  const before = process.cwd();
  process.chdir(`/proc/self/fd/${folder}`);
  try {
    unmountAt(name, { lazy: true });
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL' && errnoOf(error) !== 'ENOENT') throw error; // nothing was mounted there
  } finally {
    process.chdir(before);
  }
}
