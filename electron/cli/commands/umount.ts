import { resolve } from 'node:path';
import { CliError, Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { tellFailure, withMounts } from '../mounts.ts';

/** Takes mounts away; with --clear, what a killed helper left. */
export const umount: Command = async (context, operands, { json = false, lazy = false, clear = false }) => {
  if (operands.length === 0 && !clear) {
    throw new CliError(Status.usage, 'usage', 'umount needs a mount point; see `composcope help umount`');
  }
  await withMounts(async (mounts) => {
    for (const path of operands) {
      const outcome = await mounts.unmount(resolve(path), { lazy });
      if (!outcome.ok) tellFailure(context, outcome.failure, json);
    }
    if (!clear) return;
    for (const { id, mountpoint } of (await mounts.list()).leftovers) {
      const outcome = await mounts.clearLeftover(id);
      if (!outcome.ok) tellFailure(context, outcome.failure, json);
      else if (!json) context.out.text(`cleared ${mountpoint ?? id}\n`);
    }
  });
};
