import { resolve } from 'node:path';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { formatBytes } from '../../../shared/tree/format.ts';
import { createImage, madeOf, type CreateRequest, type CreateResult } from '../../engine/create/create-job.ts';
import { UnreadableFiles, type CreateProgress } from '../../engine/create/create-image.ts';
import { refuseTarget } from '../../engine/create/refuse-target.ts';
import { storeWorkerFile } from '../../engine/create/worker-file.ts';
import { writeBytes } from '../../engine/save-content.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command, Context, Options } from '../context.ts';
import { readDump } from '../read-dump.ts';
import { reportUnreadable } from '../report-unreadable.ts';
import { readWholeFile } from '../read-file.ts';
import type { Reporter } from '../reporter.ts';

/** For standard output, as mkcomposefs has it. */
const STDOUT = '-';

/** Makes an image of a directory, a tar or a container image, with a store for its objects. */
export const createFromSource: Command = async (context, operands, options) => {
  const [source = '', file, ...more] = operands;
  const { printDigestOnly = false } = options;
  if (more.length > 0 || (file === undefined && !printDigestOnly)) {
    throw new CliError(Status.usage, 'usage', 'create needs <source> <image>; see `composcope help create`');
  }
  const target = printDigestOnly ? undefined : file;
  if (options.fromFile === true) await makeFromDump(context, source, target, options);
  else await makeImage(context, [source], target, options);
};

/** What of the options says something of a tree on disk: a dump has all that by itself. */
const ofTrees = ['store', 'useEpoch', 'skipDevices', 'skipXattrs', 'userXattrs', 'hardlinks', 'layerImages'] as const;

/** `mkcomposefs --from-file`: objects are those that the dump names. */
async function makeFromDump(
  { out, reporter }: Context,
  source: string,
  file: string | undefined,
  options: Options,
): Promise<void> {
  const other = ofTrees.find((name) => options[name] !== undefined);
  if (other !== undefined) {
    const flag = other.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new CliError(Status.usage, 'usage', `--from-file and --${flag} are not for both`);
  }
  refuseTwoFormats(options);
  try {
    if (file !== undefined && file !== STDOUT) await refuseTarget(file, [source]);
    const image = await madeOf(readDump(source), options, {});
    if (file !== undefined && file !== STDOUT) await writeBytes(file, image.bytes);
    tellOf(out, { image, objects: undefined, counts: undefined, layers: [] }, file, options);
  } catch (error) {
    reporter.error(error, source);
  }
}

/**
 * Makes an image, writes it, and says what came of it.
 *
 * @param file where to; `-`: standard output; undefined: only its digest is wanted
 */
export async function makeImage(
  { out, reporter }: Context,
  sources: readonly string[],
  file: string | undefined,
  options: Options,
  merge?: CreateRequest['merge'],
): Promise<void> {
  let result: CreateResult;
  try {
    if (file !== undefined && file !== STDOUT) await refuseTarget(file, sources);
    result = await createImage({ ...requestOf(sources, options), merge }, { onProgress: progressTo(reporter) });
    reporter.progressDone();
    if (file !== undefined && file !== STDOUT) await writeBytes(file, result.image.bytes);
  } catch (error) {
    reporter.progressDone();
    if (error instanceof UnreadableFiles) reportUnreadable(error, reporter);
    else reporter.error(error, sources.join(' + '));
    return;
  }
  tellOf(out, result, file, options);
}

/** What was made; of a dump, there are no objects. */
type Made = Omit<CreateResult, 'objects'> & { readonly objects: CreateResult['objects'] | undefined };

function tellOf(out: Context['out'], made: Made, file: string | undefined, options: Options): void {
  const { json = false, printDigest = false, printDigestOnly = false } = options;
  if (file === STDOUT) out.bytes(made.image.bytes);
  else if (json) out.text(`${JSON.stringify(resultJson(made, file), undefined, 2)}\n`);
  else if (printDigest || printDigestOnly) out.text(`${made.image.digest}\n`);
  else out.text(resultText(made, file ?? '', options));
}

function refuseTwoFormats({ erofsVersion, minVersion, maxVersion }: Options): void {
  if (erofsVersion === undefined || (minVersion === undefined && maxVersion === undefined)) return;
  throw new CliError(Status.usage, 'usage', '--erofs-version says the format: --min-version and --max-version do, too');
}

function requestOf(sources: readonly string[], options: Options): CreateRequest {
  const { store = [], from, useEpoch, skipDevices, skipXattrs, hardlinks, userXattrs, threads, checkContent } = options;
  if (store.length > 1) throw new CliError(Status.usage, 'usage', 'there is one --store to write to');
  refuseTwoFormats(options);
  if (skipXattrs === true && userXattrs === true) {
    throw new CliError(Status.usage, 'usage', '--skip-xattrs and --user-xattrs are not for both');
  }
  return {
    sources: sources.map((path) => resolve(path)),
    store: store[0] === undefined ? undefined : resolve(store[0]),
    from: from?.map((path) => resolve(path)),
    useEpoch,
    skipDevices,
    skipXattrs,
    userXattrs,
    hardlinks,
    threads,
    checkContent,
    layerImages: options.layerImages === undefined ? undefined : resolve(options.layerImages),
    minVersion: options.minVersion,
    maxVersion: options.maxVersion,
    erofsVersion: options.erofsVersion,
    platform: options.platform,
    maxEntries: options.maxEntries,
    maxBytes: options.maxBytes,
    openImage: (path) => openImage(readWholeFile(path)),
    worker: storeWorkerFile,
  };
}

const progressTo =
  (reporter: Reporter) =>
  ({ step, entries, bytes, totalBytes }: CreateProgress): void => {
    const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
    if (step === 'listing') reporter.progress(`listing: ${entries} entries, ${formatBytes(bytes)} read`);
    else reporter.progress(step === 'syncing' ? 'to the disk' : `objects: ${formatBytes(bytes)}${of} read`);
  };

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

function resultText(result: Made, file: string, { store }: Options): string {
  const { image, objects, counts, layers } = result;
  const lines = [
    `${file}  ${image.digest}  ${formatBytes(image.bytes.length)}, format ${image.format}, ${count(image.entries, 'entry').replace('entrys', 'entries')}`,
  ];
  if (image.note !== undefined) lines.push(image.note);
  for (const layer of layers) lines.push(`${layer.file}  ${layer.digest}  ${formatBytes(layer.size)}  ${layer.name}`);
  if (objects === undefined) return `${lines.join('\n')}\n`;
  if (store?.[0] === undefined)
    lines.push(
      `${count(objects.objects, 'object')}, ${formatBytes(objects.bytes)}: not written, as there is no --store`,
    );
  else {
    const seals =
      objects.sealed === objects.objects
        ? 'all sealed'
        : objects.sealed === 0
          ? 'none sealed'
          : `${objects.sealed} sealed`;
    lines.push(
      `${store[0]}  ${count(objects.objects, 'object')}, ${formatBytes(objects.bytes)}; new: ${objects.written}, ${formatBytes(objects.writtenBytes)}; ${seals}`,
    );
  }
  for (const { path, why, keptAs } of objects.replaced) {
    lines.push(`replaced ${path}, which ${why}${keptAs === undefined ? '' : `; kept as ${keptAs}`}`);
  }
  if (counts !== undefined && counts.skipped > 0) lines.push(`${count(counts.skipped, 'device')} left out`);
  return `${lines.join('\n')}\n`;
}

function resultJson({ image, objects, counts, layers }: Made, file: string | undefined): unknown {
  const { bytes, ...facts } = image;
  return { image: { file, size: bytes.length, ...facts }, source: counts, objects, layers };
}
