import { resolve } from 'node:path';
import { Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { inOneLine, withMounts } from '../mounts.ts';

const absolute = (paths: readonly string[]): readonly string[] => paths.map((path) => resolve(path));

const glyphs = { yes: '✓', no: '✗', unknown: '–' } as const;

/** Whether this system can mount composefs images, these images, over these stores. */
export const preflight: Command = async ({ out, reporter }, images, { json = false, store = [] }) => {
  await withMounts(async (service) => {
    const result = await service.preflight(absolute(images), absolute(store));
    if (!result.canMount) reporter.note(Status.found);
    if (json) {
      out.text(`${JSON.stringify(result, undefined, 2)}\n`);
      return;
    }
    for (const { verdict, title, finding, advice } of result.checks) {
      out.text(`${glyphs[verdict]} ${inOneLine(title)}: ${inOneLine(finding)}\n`);
      if (advice !== undefined && verdict !== 'yes') out.text(`    ${inOneLine(advice)}\n`);
    }
    const verdict = result.canMount
      ? result.canVerify
        ? 'Nothing stands in the way of a mount, with verity=require or without.'
        : 'It can be mounted, but not with verity=require.'
      : 'It cannot be mounted here.';
    out.text(`\n${verdict}\n`);
  });
};
