import { writeDump } from '../../../shared/composefs/dump-text.ts';
import type { Command, Context, Options } from '../context.ts';
import { EntriesJson } from '../entries-json.ts';
import { filterNames } from '../filter-names.ts';
import { DumpFaults, loadImage, reportProblems } from '../load-image.ts';
import { listed } from './ls.ts';

/** `composefs-info dump`: what `mkcomposefs --from-file` takes. */
export const dump: Command = async (context, files, options) => {
  if (options.json === true) {
    await dumpJson(context, files, options);
    return;
  }
  const { out, reporter } = context;
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

/** The same entries with the attributes that `tree --json` gives. */
async function dumpJson({ out, reporter }: Context, files: readonly string[], options: Options): Promise<void> {
  const { openSession } = await import('../session.ts');
  const { entryJson } = await import('../entry-json.ts');
  const { imageJson } = await import('../image-json.ts');
  const filter = filterNames(options.filter);
  const list = new EntriesJson(out);
  for (const file of files) {
    const session = openSession(file, reporter);
    if (session === undefined) continue;
    list.image(imageJson(session, file, []));
    list.entry(entryJson(session, 0));
    for (const entry of listed(session.image, filter)) list.entry(entryJson(session, entry));
    reportProblems(session.image, file, reporter);
  }
  list.end();
}
