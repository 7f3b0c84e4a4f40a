import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { MountPlan } from '../../../shared/contract/mount-values.ts';
import { parseDigest } from '../../../shared/verity/parse-digest.ts';
import { findStoresBeside } from '../../engine/stores/store-beside.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command, Options } from '../context.ts';
import { formatStep, tellFailure, withMounts } from '../mounts.ts';

/** Mounts an image over its stores, or a stack of them; the lowest comes first. */
export const mount: Command = async (context, operands, options) => {
  const { out } = context;
  const { json = false, steps = false } = options;
  const plan = await planOf(operands, options);
  await withMounts(async (mounts) => {
    if (options.printCommands === true) {
      const commands = mounts.commands(plan);
      out.text(json ? `${JSON.stringify(commands, undefined, 2)}\n` : formatCommands(commands));
      return;
    }
    const outcome = await mounts.mount(plan, () => {});
    if (!outcome.ok) {
      const { withDigestFinding } = await import('../wrong-digest.ts'); // it writes images, in ways to compare with
      const texts = options.digest?.split(',') ?? [];
      tellFailure(context, await withDigestFinding(outcome.failure, plan, texts, context.reporter), json);
      return;
    }
    const { done } = outcome;
    if (json) {
      out.text(`${JSON.stringify(done, undefined, 2)}\n`);
      return;
    }
    if (steps) for (const step of done.steps) out.text(formatStep(step));
    out.text(`${done.mountpoint}\n`);
  });
};

async function planOf(operands: readonly string[], options: Options): Promise<MountPlan> {
  const { ownFolder, plain = false } = options;
  const layers = ownFolder === undefined ? operands.slice(0, -1) : operands;
  const target = ownFolder === undefined ? operands.at(-1) : undefined;
  if (layers.length === 0) throw usage('mount needs an image, and a folder to mount it on (or --own-folder NAME)');
  if (plain && layers.length > 1) throw usage('--plain mounts one image');
  const digests = options.digest === undefined ? layers.map(() => undefined) : options.digest.split(',').map(digestOf);
  if (digests.length !== layers.length) {
    throw usage('--digest of a stack has one for each layer, the lowest first, with commas in between; - for none');
  }
  const stores = plain ? [] : await storesOf(layers, options.store);
  const { upper, work } = options;
  if ((upper === undefined) !== (work === undefined)) throw usage('--upper and --work need each other');
  if (!plain && layers.length === 1 && stores.length === 0 && upper === undefined) {
    throw usage('there is no store beside the image: name it with --store, or mount the image alone with --plain');
  }
  const isHeld = stores.length > 0 && digests.every((digest) => digest !== undefined);
  return {
    kind: plain ? 'erofs' : 'overlay',
    layers: layers.map((path, index) => layerOf(path, digests[index])),
    stores,
    verity: verityOf(options, isHeld),
    writable: upper === undefined || work === undefined ? undefined : { upper: resolve(upper), work: resolve(work) },
    at: ownFolder === undefined ? { directory: resolve(target ?? '') } : { name: ownFolder },
    allow: { suid: options.suid === true, dev: options.dev === true, exec: options.exec !== false },
  };
}

const usage = (message: string): CliError => new CliError(Status.usage, 'usage', message);

/** As with `mount.composefs`, an image digest means that its objects are to be held against theirs. */
function verityOf({ verity, plain }: Options, byDefault: boolean): MountPlan['verity'] {
  if (verity !== 'require' && verity !== 'off' && verity !== undefined) throw usage('--verity is require or off');
  if (plain === true && verity === 'require') throw usage('--plain has no objects, and so no --verity require');
  return verity ?? (byDefault ? 'require' : 'off');
}

async function storesOf(images: readonly string[], given: readonly string[] | undefined): Promise<readonly string[]> {
  if (given !== undefined) return given.map((path) => resolve(path));
  const found = await Promise.all(images.map((path) => findStoresBeside(resolve(path))));
  return [...new Set(found.flat().map(({ dataRoot }) => dataRoot))];
}

function layerOf(path: string, digest: string | undefined): MountPlan['layers'][number] {
  if (!isFolder(path)) return { type: 'image', path: resolve(path), digest };
  if (digest !== undefined) throw usage(`${path} is a directory, which has no digest`);
  return { type: 'directory', path: resolve(path) };
}

/** @returns undefined: `-`, a layer of a stack that has none */
function digestOf(text: string): string | undefined {
  if (text === '-') return undefined;
  const parsed = parseDigest(text);
  if ('fault' in parsed) throw usage(`--digest: ${parsed.fault}`);
  return parsed.digest;
}

const part = (title: string, commands: readonly string[]): string => `# ${title}\n${commands.join('\n')}\n\n`;

function formatCommands({
  composcope,
  mountComposefs,
  mount: lines,
  umount,
  notes,
}: {
  readonly composcope: string;
  readonly mountComposefs: string | undefined;
  readonly mount: readonly string[];
  readonly umount: readonly string[];
  readonly notes: readonly string[];
}): string {
  return [
    part('Composcope', [composcope]),
    ...(mountComposefs === undefined ? [] : [part('mount.composefs, as root', [mountComposefs])]),
    part('mount, as root', lines),
    part('and away again', umount),
    ...notes.map((note) => `# ${note}\n`),
  ].join('');
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
