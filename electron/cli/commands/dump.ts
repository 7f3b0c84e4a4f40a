import { writeDump } from '../../../shared/composefs/dump-text.ts';
import type { Command } from '../context.ts';
import { filterNames } from '../filter-names.ts';
import { DumpFaults, loadImage, reportProblems } from '../load-image.ts';

/** `composefs-info dump`: what `mkcomposefs --from-file` takes. */
export const dump: Command = ({ out, reporter }, files, options) => {
  const filter = filterNames(options.filter);
  for (const file of files) {
    const image = loadImage(file, reporter);
    if (image === undefined) continue;
    const faults = new DumpFaults();
    writeDump(image, (bytes) => out.bytes(bytes), { filter, onFault: faults.add });
    faults.report(image, file, reporter);
    reportProblems(image, file, reporter);
  }
};
