import { closeSync, openSync, readSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import type { HelperMode } from '../../shared/contract/helper.ts';
import type {
  MountAccess,
  MountCommands,
  MountFailure,
  MountList,
  MountOutcome,
  MountPlan,
  MountStep,
  Preflight,
  UnmountOutcome,
} from '../../shared/contract/mount-values.ts';
import { parseComposefsHeader } from '../../shared/composefs/header.ts';
import { explainMountFailure } from '../../shared/mount/explain-failure.ts';
import { mountCommands, shellWord } from '../../shared/mount/mount-commands.ts';
import { holdersOf } from '../kernel/holders.ts';
import { liveMounts } from '../kernel/live-mounts.ts';
import { leftoversNow, RUN } from '../kernel/mount-records.ts';
import { mountsNow } from '../kernel/mounts-now.ts';
import { HelperClient, HelperError } from './helper-client.ts';
import type { HelperOptions } from './helper-client.ts';
import { hasTerminal, mountAccess } from './polkit.ts';
import { preflight } from './preflight.ts';

/** Header flag: an inode carries a POSIX ACL. @see image-format.md, section 1 */
const HAS_ACL = 1;
/** What was found out about access is good for so long where nothing is to be done with it. */
const ACCESS_MS = 10_000;

/** Mounts and unmounts through the helper, and what can be said of mounts without it. */
export class MountService {
  readonly #clients: Readonly<Record<HelperMode, HelperClient>>;
  #access: { readonly at: number; readonly access: Promise<MountAccess> } | undefined;

  constructor(options: HelperOptions) {
    this.#clients = { verified: new HelperClient('verified', options), any: new HelperClient('any', options) };
  }

  /** Ends the helpers, as soon as they have nothing to do. */
  close(): void {
    for (const client of Object.values(this.#clients)) client.close();
  }

  async list(): Promise<MountList> {
    const access = await this.#accessOfLate();
    return { mounts: liveMounts(), leftovers: leftoversNow(), access };
  }

  /** The list is asked for again and again, and each look asks the bus, polkit and every process. */
  async #accessOfLate(): Promise<MountAccess> {
    const now = performance.now();
    if (this.#access === undefined || now - this.#access.at > ACCESS_MS) {
      this.#access = { at: now, access: mountAccess('verified', hasTerminal()) };
    }
    return await this.#access.access;
  }

  async preflight(images: readonly string[], stores: readonly string[]): Promise<Preflight> {
    const access = await mountAccess('verified', hasTerminal());
    const probe = access.by === 'root' ? await this.#clients.any.ask({ verb: 'preflight' }) : undefined;
    return await preflight({ images, stores, access, probe });
  }

  /** Mounts, or says why not. @param onStep is told of each step */
  async mount(given: MountPlan, onStep: (step: MountStep) => void): Promise<MountOutcome> {
    const plan = await withoutLinks(given);
    const acl = plan.layers.map(({ type, path }) => type === 'image' && hasAcl(path));
    const mode = modeOf(plan);
    const command = mountCommands(plan, acl, ownFolder(plan)).composcope;
    const hindrance = await hindranceOf(mode, command);
    if (hindrance !== undefined) return { ok: false, failure: hindrance };
    try {
      const client = this.#clients[mode];
      return { ok: true, done: await client.ask({ verb: 'mount', plan: toRequest(plan), acl }, onStep) };
    } catch (error) {
      return { ok: false, failure: failureOf(error, { plan, command }) };
    }
  }

  async unmount(mountpoint: string, { lazy }: { readonly lazy: boolean }): Promise<UnmountOutcome> {
    const uid = process.getuid?.();
    const own = liveMounts().some((mount) => mount.mountpoint === mountpoint && mount.owner === uid);
    const mode = own ? 'verified' : 'any';
    const command = `sudo composcope umount ${lazy ? '--lazy ' : ''}${shellWord(mountpoint)}`;
    const hindrance = await hindranceOf(mode, command);
    if (hindrance !== undefined) return { ok: false, failure: hindrance };
    const client = this.#clients[mode];
    return await settle(client.ask({ verb: 'unmount', what: { mountpoint, lazy } }), { command, mountpoint });
  }

  async clearLeftover(id: string): Promise<UnmountOutcome> {
    const command = 'sudo composcope umount --clear';
    const hindrance = await hindranceOf('verified', command);
    if (hindrance !== undefined) return { ok: false, failure: hindrance };
    return await settle(this.#clients.verified.ask({ verb: 'unmount', what: { leftover: id } }), { command });
  }

  commands(plan: MountPlan): MountCommands {
    const acl = plan.layers.map(({ type, path }) => type === 'image' && hasAcl(path));
    return mountCommands(plan, acl, ownFolder(plan));
  }
}

/** What keeps us from being root here, known before anything is tried; undefined: nothing. */
async function hindranceOf(mode: HelperMode, command: string): Promise<MountFailure | undefined> {
  const { by, sentence } = await mountAccess(mode, hasTerminal());
  if (by !== 'command') return undefined;
  const advice = inTerminal(command);
  return { cause: 'no-helper', certainty: 'certain', sentence, advice, errno: undefined, steps: [], holders: [] };
}

const inTerminal = (command: string): string => `Run this in a terminal: ${command}`;

/** Where a mount by name comes to lie. */
export const ownFolder = ({ at }: MountPlan): string =>
  'name' in at ? `${RUN}/mnt/${process.getuid?.() ?? 0}/${at.name}` : at.directory;

/** The lesser of the two actions that allows it. */
function modeOf({ kind, layers, verity, writable, allow }: MountPlan): HelperMode {
  const isVerified =
    layers.every(({ type, digest }) => type === 'image' && digest !== undefined) &&
    (kind === 'erofs' || verity === 'require') &&
    writable === undefined &&
    !allow.suid &&
    !allow.dev;
  return isVerified ? 'verified' : 'any';
}

async function real(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return path; // that it is not there, or may not be seen, the helper says with the step
  }
}

/** The helper follows no symlink: whoever may change one could lead it elsewhere. Ours are followed before. */
async function withoutLinks(plan: MountPlan): Promise<MountPlan> {
  return {
    ...plan,
    layers: await Promise.all(plan.layers.map(async (layer) => ({ ...layer, path: await real(layer.path) }))),
    stores: await Promise.all(plan.stores.map(real)),
    writable: plan.writable && { upper: await real(plan.writable.upper), work: await real(plan.writable.work) },
    at: 'directory' in plan.at ? { directory: await real(plan.at.directory) } : plan.at,
  };
}

/** As arrays that a schema has. */
const toRequest = (plan: MountPlan) => ({ ...plan, layers: [...plan.layers], stores: [...plan.stores] });

/** Whether an image's header says that it carries ACLs; without a header of composefs, the kernel is to look for them. */
function hasAcl(path: string): boolean {
  try {
    const fd = openSync(path, 'r');
    try {
      const header = Buffer.alloc(32);
      const length = readSync(fd, header, 0, header.length, 0);
      const parsed = parseComposefsHeader(header.subarray(0, length));
      return parsed === undefined || (parsed.flags & HAS_ACL) !== 0;
    } finally {
      closeSync(fd);
    }
  } catch {
    return true; // what is wrong with it is the kernel's to say
  }
}

/** What was tried, for whoever is told that it failed. */
interface Tried {
  /** The same, where no helper can be had. */
  readonly command: string;
  readonly plan?: MountPlan;
  readonly mountpoint?: string;
}

async function settle(work: Promise<unknown>, tried: Tried): Promise<UnmountOutcome> {
  try {
    await work;
    return { ok: true };
  } catch (error) {
    return { ok: false, failure: failureOf(error, tried) };
  }
}

/** @throws what is no failure of the helper's */
function failureOf(error: unknown, { command, plan, mountpoint }: Tried): MountFailure {
  if (!(error instanceof HelperError)) throw error;
  const { errno, reason, message, path = mountpoint, steps } = error.fault;
  const explained = explainMountFailure({ plan, steps, errno, reason, message, path });
  const advice = explained.cause === 'no-helper' ? inTerminal(command) : explained.advice;
  const isBusy = explained.cause === 'busy' && path !== undefined;
  const device = isBusy ? mountsNow().findLast((line) => line.mountpoint === path)?.device : undefined;
  return { ...explained, advice, errno, steps, holders: device === undefined ? [] : holdersOf(device) };
}
