import { writeLs } from '../../../shared/composefs/dump-text.ts';
import type { Command } from '../context.ts';
import { filterNames } from '../filter-names.ts';
import { loadImage, reportProblems } from '../load-image.ts';

/** `composefs-info ls`: a path a line. */
export const ls: Command = ({ out, reporter }, files, options) => {
  const filter = filterNames(options.filter);
  for (const file of files) {
    const image = loadImage(file, reporter);
    if (image === undefined) continue;
    writeLs(image, (bytes) => out.bytes(bytes), { filter });
    reportProblems(image, file, reporter);
  }
};
