import { shell } from 'electron';
import type { MountStep } from '../../shared/contract/mount-values.ts';
import type { mountRequests } from '../../shared/contract/mount-calls.ts';
import { CallError } from '../../shared/contract/wire-error.ts';
import type { MountService } from '../mount/mount-service.ts';
import type { AppHandlers } from './ipc.ts';

/** What the page may do about mounts: all through the helper, which checks it again. */
export function mountHandlers(
  mounts: MountService,
  tell: (step: MountStep) => void,
): Pick<AppHandlers, keyof typeof mountRequests> {
  return {
    mountPreflight: ({ images, stores }) => mounts.preflight(images, stores),
    mounts: () => mounts.list(),
    mount: (plan) => mounts.mount(plan, tell),
    unmount: ({ mountpoint, lazy }) => mounts.unmount(mountpoint, { lazy }),
    clearLeftover: ({ id }) => mounts.clearLeftover(id),
    mountCommands: (plan) => mounts.commands(plan),
    showMount: async ({ mountpoint }) => {
      const list = await mounts.list();
      if (!list.mounts.some((mount) => mount.mountpoint === mountpoint)) {
        throw new CallError('not-found', 'There is no such mount any more.', { file: mountpoint });
      }
      const why = await shell.openPath(mountpoint);
      if (why !== '') throw new CallError('failed', `It cannot be opened: ${why}`, { file: mountpoint });
      return undefined;
    },
  };
}
