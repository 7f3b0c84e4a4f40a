import { resolve } from 'node:path';
import { formatBytes } from '../../../shared/tree/format.ts';
import { storeWorkerFile } from '../../engine/create/worker-file.ts';
import { UnreadableFiles } from '../../engine/create/create-image.ts';
import {
  checkPublication,
  type PublicationCheck,
  type PublicationFault,
} from '../../engine/publish/check-publication.ts';
import type { PublicationSources } from '../../engine/publish/publication-images.ts';
import { publish as publishImages } from '../../engine/publish/publish.ts';
import { PassphraseError, readSigner, type Signer } from '../../engine/publish/sign-digest.ts';
import { findStoresBeside } from '../../engine/stores/store-beside.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command, Options } from '../context.ts';
import { askPassphrase, readPassphrase } from '../passphrase.ts';
import { reportUnreadable } from '../report-unreadable.ts';
import type { Reporter } from '../reporter.ts';
import { storesNamed } from '../session.ts';

/** Faults that the text shows. */
const MAX_SHOWN = 50;

/** Writes images and their objects into a folder to be served, and checks what was written; or checks such a folder. */
export const publish: Command = async ({ out, reporter }, operands, options) => {
  const { json = false, certificate = [], threads, check = false, checkContent } = options;
  refuseUsage(operands, options);
  const [first = '', ...others] = operands;
  const folder = resolve(check ? first : (options.output ?? ''));
  const sources: PublicationSources = {
    images: (check ? others : operands).map((file) => resolve(file)),
    layers: (options.layers ?? []).map((layer) => resolve(layer)),
  };
  const hasSources = sources.images.length + sources.layers.length > 0;
  const onBytes = (bytes: number): void => reporter.progress(`${formatBytes(bytes)} read`);
  const common = { folder, threads, worker: storeWorkerFile };
  try {
    let written: number | undefined;
    if (!check) {
      const signer = await signerOf(options);
      const from = await rootsOf(sources, options, reporter);
      const onProgress = ({ bytes }: { readonly bytes: number }): void => onBytes(bytes);
      const published = await publishImages({ ...common, ...sources, from, signer, checkContent, onProgress });
      written = published.objects.written;
    }
    const checked = await checkPublication({
      ...common,
      certificates: certificate,
      sources: check && hasSources ? sources : undefined,
      onProgress: onBytes,
    });
    reporter.progressDone();
    if (checked.faults.length > 0) reporter.note(Status.found);
    if (json) {
      const { manifest, ...facts } = checked;
      out.text(`${JSON.stringify({ folder, ...manifest, written, ...facts }, undefined, 2)}\n`);
    } else out.text(textOf(folder, written, checked));
  } catch (error) {
    reporter.progressDone();
    if (error instanceof UnreadableFiles) reportUnreadable(error, reporter);
    else reporter.error(error, folder);
  }
};

const refuse = (message: string): never => {
  throw new CliError(Status.usage, 'usage', message);
};

function refuseUsage(
  operands: readonly string[],
  { check, output, key, certificate = [], passphraseFile }: Options,
): void {
  if (check === true && operands.length === 0) refuse('publish --check needs the folder that was published');
  if (check === true && output !== undefined) refuse('publish --check writes nothing: it has no -o');
  if (check !== true && output === undefined) refuse('publish needs -o <folder>');
  if (check === true && key !== undefined) refuse('publish --check signs nothing: it has no --key');
  if (key !== undefined && certificate.length === 0) refuse('--key needs the --certificate that it belongs to');
  if (passphraseFile !== undefined && key === undefined) refuse('--passphrase-file needs the --key that it is for');
}

async function signerOf({ key, certificate = [], passphraseFile }: Options): Promise<Signer | undefined> {
  if (key === undefined) return undefined;
  const own = certificate[0] ?? '';
  if (passphraseFile !== undefined) return readSigner(key, own, await readPassphrase(passphraseFile));
  try {
    return await readSigner(key, own);
  } catch (error) {
    if (!(error instanceof PassphraseError)) throw error;
    return readSigner(key, own, await askPassphrase(key));
  }
}

/** Stores that are named; without any, those that lie beside the sources. */
async function rootsOf(
  { images, layers }: PublicationSources,
  { store = [] }: Options,
  reporter: Reporter,
): Promise<readonly string[]> {
  if (store.length > 0) return (await storesNamed(store, reporter)).map(({ found }) => found.dataRoot);
  const beside = await Promise.all([...images, ...layers].map((path) => findStoresBeside(path)));
  return [...new Set(beside.flat().map(({ dataRoot }) => dataRoot))];
}

function textOf(
  folder: string,
  written: number | undefined,
  { manifest, faults, signatures, compared }: PublicationCheck,
): string {
  const lines = manifest.images.map(({ name, digest, size, objects, objectBytes, signature }) => {
    const signed = signature === undefined ? '' : ', signed';
    return `${name}  ${digest}  ${formatBytes(size)}, ${objects.length} objects, ${formatBytes(objectBytes)}${signed}`;
  });
  const bytes = manifest.objects.reduce((sum, { size }) => sum + size, 0);
  const news = written === undefined ? '' : `; new: ${written}`;
  lines.push(`${folder}  ${manifest.objects.length} objects, ${formatBytes(bytes)}${news}`);
  if (signatures.there > 0 && signatures.checked === 0) {
    lines.push(`${signatures.there} signatures, not checked: --certificate names whose they are to be`);
  }
  if (faults.length === 0) {
    const same = compared === undefined ? '' : `; ${compared} images are what their source gives`;
    lines.push(`checked: all is there, and right${same}`);
  } else lines.push(...faultLines(faults));
  return `${lines.join('\n')}\n`;
}

function faultLines(faults: readonly PublicationFault[]): readonly string[] {
  const lines = faults.slice(0, MAX_SHOWN).map(({ part, path, message, images }) => {
    const users = part === 'object' && images.length > 0 ? ` (of ${images.join(', ')})` : '';
    return `WRONG ${path}: ${message}${users}`;
  });
  return faults.length > MAX_SHOWN ? [...lines, `and ${faults.length - MAX_SHOWN} more`] : lines;
}
