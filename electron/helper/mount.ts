import { closeSync, fchownSync, fstatSync } from 'node:fs';
import type { HelperMode, HelperRequest } from '../../shared/contract/helper.ts';
import type { MountDone, MountPlan, MountStep } from '../../shared/contract/mount-values.ts';
import { startOf } from '../kernel/mount-records.ts';
import type { MountRecord } from '../kernel/mount-records.ts';
import type { Caller } from './caller.ts';
import { Fault } from './fault.ts';
import { openChecked } from './image-source.ts';
import { newId, removeRecord, writeRecord } from './journal.ts';
import { mountIdOf } from './mount-id.ts';
import { attributesOf, mountErofs } from './mount-layers.ts';
import type { ErofsMount } from './mount-layers.ts';
import { mountOverlay, unmountLower } from './mount-overlay.ts';
import type { LowerLayer, Manner, PrivatePlace } from './mount-overlay.ts';
import { openDirectory, openMountpoint } from './open-paths.ts';
import { openRunFolder, openUserFolder, removeIfThere, userFolderPath } from './run-folder.ts';
import { makeDirectoryAt, moveMount, openDirectoryAt } from './syscalls.ts';
import { Trace } from './trace.ts';
import { unmountId } from './unmount-id.ts';

type MountRequest = Extract<HelperRequest, { verb: 'mount' }>;

export interface MountContext {
  readonly caller: Caller;
  readonly mode: HelperMode;
  /** Is told of each step. */
  readonly tell: (step: MountStep) => void;
  /** How layers may be told to the kernel: for tests, on kernels that are too new for some. */
  readonly manners?: readonly Manner[] | undefined;
}

/** A mount that failed, with the steps that led there; all of them are undone. */
export class MountFailed extends Error {
  override readonly name = 'MountFailed';
  readonly steps: readonly MountStep[];

  constructor(cause: unknown, steps: readonly MountStep[]) {
    super('the mount failed', { cause });
    this.steps = steps;
  }
}

/**
 * Mounts as asked, or leaves all as it was. Until its last step nothing is to be seen: image, layers and overlay are
 * mounts that are nowhere, held by descriptors, and gone with this process whatever ends it.
 *
 * @throws MountFailed
 */
export function mount({ plan, acl }: MountRequest, { caller, mode, tell, manners }: MountContext): MountDone {
  const trace = new Trace(tell);
  let failed = true;
  try {
    allow(plan, mode);
    const done = run(trace, caller, plan, acl, manners);
    failed = false;
    return done;
  } catch (cause) {
    throw new MountFailed(cause, trace.steps);
  } finally {
    trace.end({ failed });
  }
}

const refuse = (what: string): Fault =>
  new Fault('not-allowed', `${what}: that is the action “mount without verification”`, { reason: 'not-permitted' });

/** What the action that was authorised lets one do. */
function allow(plan: MountPlan, mode: HelperMode): void {
  if (mode === 'any') return;
  if (plan.layers.some(({ type, digest }) => type !== 'image' || digest === undefined)) {
    throw refuse('not every layer is an image with a digest');
  }
  if (plan.kind === 'overlay' && plan.verity !== 'require') throw refuse('verity=require is not asked for');
  if (plan.writable !== undefined) throw refuse('it is to be writable');
  const { suid, dev } = plan.allow;
  if (suid || dev) throw refuse('set-uid programs or device files are to work');
}

function run(
  trace: Trace,
  caller: Caller,
  plan: MountPlan,
  acl: readonly boolean[],
  manners?: readonly Manner[],
): MountDone {
  // the mount point first: what is wrong with it is known at once, and an image may take long to hash
  const record = newRecord(caller, plan);
  const target = openTarget(trace, caller, plan, record);
  const { layers, sources } = openLayers(trace, caller, plan, acl);
  const stores = plan.stores.map((path) => ({ path, fd: openDirectory(trace, caller, path, 'store') }));
  const attributes = attributesOf(plan.allow, plan.writable === undefined);
  let made: number;
  if (plan.kind === 'erofs') {
    const [layer] = layers;
    if (layer === undefined) throw new Fault('invalid-request', 'no image');
    made = layer.fd;
  } else {
    const writable = plan.writable && {
      upper: { path: plan.writable.upper, fd: openOwn(trace, caller, plan.writable.upper, 'upper layer') },
      work: { path: plan.writable.work, fd: openOwn(trace, caller, plan.writable.work, 'work directory') },
    };
    const { verity } = plan;
    // what others recognise: an overlay of that name is a composefs mount
    const name = plan.stores.length > 0 ? 'composefs' : 'overlay';
    // an order of layers is the lowest first here, and the uppermost first there
    const overlay = { name, lower: layers.toReversed(), dataOnly: stores, writable, verity, attributes };
    made = mountOverlay(trace, overlay, placeFor(record), manners);
  }
  const mountId = mountIdOf(made);
  writeRecord({ ...record, mountId });
  trace.must('move_mount', `to ${record.mountpoint}`, () => moveMount(made, target));
  trace.onUndo(() => unmountId(mountId, record.mountpoint, { lazy: true }));
  writeRecord({ ...record, mountId, state: 'mounted' });
  return {
    mountpoint: record.mountpoint,
    mountId,
    images: sources.map(({ source }) => source).toReversed(),
    steps: trace.steps,
  };
}

function newRecord(caller: Caller, plan: MountPlan): MountRecord {
  const { at } = plan;
  const images = plan.layers.flatMap(({ type, path, digest }) => (type === 'image' ? [{ path, digest }] : []));
  return {
    id: newId(),
    state: 'making',
    pid: process.pid,
    started: startOf(process.pid) ?? '',
    caller: caller.uid,
    mountpoint: 'name' in at ? `${userFolderPath(caller.uid)}/${at.name}` : at.directory,
    ...('name' in at ? { ownFolder: at.name } : {}),
    images: images.toReversed(),
    stores: [...plan.stores],
  };
}

/** The directory to mount on: the caller's, or a new one in the app's own folder. From here on the journal knows of it. */
function openTarget(trace: Trace, caller: Caller, { at }: MountPlan, record: MountRecord): number {
  if ('directory' in at) {
    const fd = openMountpoint(trace, caller, at.directory);
    startRecord(trace, record);
    return fd;
  }
  const folder = openUserFolder(caller.uid, caller.gid);
  trace.onEnd(() => closeSync(folder));
  startRecord(trace, record);
  trace.must('mkdir', record.mountpoint, () => {
    makeDirectoryAt(folder, at.name, 0o755);
  });
  trace.onUndo(() => removeIfThere(folder, at.name));
  const fd = openDirectoryAt(folder, at.name);
  trace.onEnd(() => closeSync(fd));
  fchownSync(fd, caller.uid, caller.gid);
  return fd;
}

function startRecord(trace: Trace, record: MountRecord): void {
  writeRecord(record);
  trace.onUndo((isClean) => {
    if (isClean) removeRecord(record.id); // else the next start finds it
  });
}

function openLayers(
  trace: Trace,
  caller: Caller,
  plan: MountPlan,
  acl: readonly boolean[],
): { readonly layers: readonly LowerLayer[]; readonly sources: readonly ErofsMount[] } {
  const sources: ErofsMount[] = [];
  const layers = plan.layers.map(({ type, path, digest }, index): LowerLayer => {
    if (type === 'directory') return { path, fd: openDirectory(trace, caller, path, 'layer'), isMount: false };
    const image = openChecked(trace, caller, { type, path, digest });
    // alone it is what is seen; below an overlay, only root can come by it
    const attributes = attributesOf(plan.kind === 'erofs' ? plan.allow : { suid: false, dev: false, exec: true }, true);
    const mounted = mountErofs(trace, image, acl[index] === true, attributes);
    sources.push(mounted);
    return { path, fd: mounted.fd, isMount: true };
  });
  return { layers, sources };
}

/** A directory that is going to be written to: root would write where the caller may not. */
function openOwn(trace: Trace, caller: Caller, path: string, what: string): number {
  const fd = openDirectory(trace, caller, path, what);
  if (caller.uid !== 0 && fstatSync(fd).uid !== caller.uid) {
    throw new Fault('not-allowed', `the ${what} is not yours`, { reason: 'not-permitted', path });
  }
  return fd;
}

/** Folders in RUN/lower, for as long as the overlay is made. */
function placeFor(record: MountRecord): PrivatePlace {
  return () => {
    const all = openRunFolder('lower');
    writeRecord({ ...record, lower: record.id });
    makeDirectoryAt(all, record.id, 0o700);
    const own = openDirectoryAt(all, record.id);
    const names: string[] = [];
    return {
      folder: (index) => {
        const name = String(index);
        makeDirectoryAt(own, name, 0o700);
        names.push(name);
        return openDirectoryAt(own, name);
      },
      remove: () => {
        for (const name of names) {
          unmountLower(own, name);
          removeIfThere(own, name);
        }
        removeIfThere(all, record.id);
        closeSync(own);
        closeSync(all);
      },
    };
  };
}
