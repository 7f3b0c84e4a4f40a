import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeTar, type TarItem } from './make-tar.ts';

/** A layer of a container image that a test makes. */
export interface MadeLayer {
  readonly command: string;
  readonly items: readonly TarItem[];
}

export interface MadeImage {
  /** The lowest first. */
  readonly layers: readonly MadeLayer[];
  readonly architecture?: string;
  readonly name?: string;
}

/** Writes an OCI image layout, its layers compressed with gzip. @returns paths of the layers' blobs, image by image */
export async function makeLayout(folder: string, images: readonly MadeImage[]): Promise<readonly string[][]> {
  const write = async (name: string, bytes: Uint8Array): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  };
  const blob = async (mediaType: string, bytes: Uint8Array, more: object = {}): Promise<{ digest: string }> => {
    const digest = sha256(bytes);
    await write(`blobs/${digest.replace(':', '/')}`, bytes);
    return { mediaType: `application/vnd.oci.image.${mediaType}`, digest, size: bytes.length, ...more } as {
      digest: string;
    };
  };
  const manifests: object[] = [];
  const blobs: string[][] = [];
  for (const { layers, architecture = 'amd64', name } of images) {
    const tars = await Promise.all(layers.map(({ items }) => makeTar(items)));
    const stored = [];
    for (const tar of tars) stored.push(await blob('layer.v1.tar+gzip', gzipSync(tar)));
    blobs.push(stored.map(({ digest }) => join(folder, 'blobs', digest.replace(':', '/'))));
    const config = {
      os: 'linux',
      architecture,
      rootfs: { type: 'layers', diff_ids: tars.map(sha256) },
      history: layers.map(({ command }) => ({ created_by: command })),
    };
    const manifest = {
      schemaVersion: 2,
      config: await blob('config.v1+json', json(config)),
      layers: stored,
    };
    const annotations = name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } };
    const platform = { os: 'linux', architecture };
    manifests.push(await blob('manifest.v1+json', json(manifest), { platform, ...annotations }));
  }
  await write('index.json', json({ schemaVersion: 2, manifests }));
  await write('oci-layout', json({ imageLayoutVersion: '1.0.0' }));
  return blobs;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Three layers in which a file is there, replaced, and removed. */
export const threeLayers: readonly MadeLayer[] = [
  {
    command: 'ADD rootfs / # buildkit',
    items: [
      { name: 'etc', type: 'directory', mode: 0o755 },
      { name: 'etc/motd', content: 'hello from the lowest layer\n', mode: 0o644 },
      { name: 'etc/hosts', content: '127.0.0.1 localhost\n', mode: 0o644 },
      { name: 'opt', type: 'directory', mode: 0o755 },
      { name: 'opt/old', content: 'x'.repeat(5000), mode: 0o644 },
    ],
  },
  {
    command: 'RUN echo second > /etc/motd',
    items: [
      { name: 'etc', type: 'directory', mode: 0o755 },
      { name: 'etc/motd', content: 'second\n', mode: 0o600 },
      { name: 'opt', type: 'directory', mode: 0o755 },
      { name: 'opt/.wh..wh..opq' },
      { name: 'opt/new', content: 'y'.repeat(70), mode: 0o644 },
    ],
  },
  {
    command: 'RUN rm /etc/motd',
    items: [{ name: 'etc', type: 'directory', mode: 0o755 }, { name: 'etc/.wh.motd' }],
  },
];
