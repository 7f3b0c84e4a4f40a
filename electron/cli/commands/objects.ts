import { writeObjects } from '../../../shared/composefs/dump-objects.ts';
import type { ObjectsOptions } from '../../../shared/composefs/dump-objects.ts';
import type { Image } from '../../../shared/tree/image.ts';
import type { Command, Context, Options } from '../context.ts';
import { filterNames } from '../filter-names.ts';
import { textOfBytes } from '../json-text.ts';
import { loadImage, reportProblems } from '../load-image.ts';

/** `composefs-info objects`: the objects that all images together refer to. */
export const objects: Command = (context, files, options) => {
  listObjects(context, files, options, undefined);
};

/** Lists objects as raw lines, or as one JSON array of strings. */
export function listObjects(
  { out, reporter }: Context,
  files: readonly string[],
  { filter, json = false }: Options,
  wanted: ObjectsOptions['wanted'],
): void {
  const names = filterNames(filter);
  const images: Image[] = [];
  for (const file of files) {
    const image = loadImage(file, reporter);
    if (image === undefined) continue;
    images.push(image);
    reportProblems(image, file, reporter);
  }
  if (!json) {
    writeObjects(images, (bytes) => out.bytes(bytes), { filter: names, wanted });
    return;
  }
  let separator = '{"objects":[\n';
  const tell = (payload: Uint8Array): boolean => {
    if (wanted === undefined || wanted(payload)) {
      out.text(`${separator}${JSON.stringify(textOfBytes(payload))}`);
      separator = ',\n';
    }
    return false;
  };
  writeObjects(images, () => {}, { filter: names, wanted: tell });
  out.text(separator.startsWith('{') ? '{"objects":[]}\n' : '\n]}\n');
}
