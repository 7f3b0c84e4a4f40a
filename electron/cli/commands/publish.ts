import { resolve } from 'node:path';
import { formatBytes } from '../../../shared/tree/format.ts';
import { storeWorkerFile } from '../../engine/create/worker-file.ts';
import { UnreadableFiles } from '../../engine/create/create-image.ts';
import { checkPublication, publish as publishImages, type PublicationFault } from '../../engine/publish/publish.ts';
import { readSigner } from '../../engine/publish/sign-digest.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { reportUnreadable } from '../report-unreadable.ts';
import { storesNamed } from '../session.ts';

/** Faults that the text shows. */
const MAX_SHOWN = 50;

/** Writes images and their objects into a folder to be served, and checks what was written; or checks such a folder. */
export const publish: Command = async ({ out, reporter }, files, options) => {
  const { json = false, output, key, certificate = [], threads, check = false } = options;
  if (check && files.length > 1) throw new CliError(Status.usage, 'usage', 'publish --check takes one folder');
  if (!check && output === undefined) throw new CliError(Status.usage, 'usage', 'publish needs -o <folder>');
  if (!check && key !== undefined && certificate.length === 0) {
    throw new CliError(Status.usage, 'usage', '--key needs the --certificate that it belongs to');
  }
  const folder = resolve(check ? (files[0] ?? '') : (output ?? ''));
  const common = {
    folder,
    threads,
    worker: storeWorkerFile,
    onBytes: (bytes: number): void => reporter.progress(`${formatBytes(bytes)} read`),
  };
  try {
    let written: number | undefined;
    if (!check) {
      const stores = await storesNamed(options.store ?? [], reporter);
      const signer = key === undefined ? undefined : await readSigner(key, certificate[0] ?? '');
      const from = stores.map(({ found }) => found.dataRoot);
      const images = files.map((file) => resolve(file));
      written = (await publishImages({ ...common, images, from, signer })).objects.written;
    }
    const { manifest, faults } = await checkPublication({ ...common, certificates: certificate });
    reporter.progressDone();
    if (faults.length > 0) reporter.note(Status.found);
    if (json) {
      out.text(`${JSON.stringify({ folder, ...manifest, written, faults }, undefined, 2)}\n`);
      return;
    }
    for (const { name, digest, size, objects, objectBytes, signature } of manifest.images) {
      const signed = signature === undefined ? '' : ', signed';
      out.text(
        `${name}  ${digest}  ${formatBytes(size)}, ${objects.length} objects, ${formatBytes(objectBytes)}${signed}\n`,
      );
    }
    const bytes = manifest.objects.reduce((sum, { size }) => sum + size, 0);
    const news = written === undefined ? '' : `; new: ${written}`;
    out.text(`${folder}  ${manifest.objects.length} objects, ${formatBytes(bytes)}${news}\n`);
    out.text(faultText(faults));
  } catch (error) {
    reporter.progressDone();
    if (error instanceof UnreadableFiles) reportUnreadable(error, reporter);
    else reporter.error(error, folder);
  }
};

function faultText(faults: readonly PublicationFault[]): string {
  if (faults.length === 0) return 'checked: all is there, and right\n';
  const lines = faults.slice(0, MAX_SHOWN).map(({ path, message }) => `WRONG ${path}: ${message}`);
  if (faults.length > MAX_SHOWN) lines.push(`and ${faults.length - MAX_SHOWN} more`);
  return `${lines.join('\n')}\n`;
}
