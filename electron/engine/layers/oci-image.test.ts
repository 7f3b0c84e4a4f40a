import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openOciImage, readLayerFile, recogniseLayerSource, type OpenOciOptions } from './oci-image.ts';
import { localPlatform, matchPlatform, parsePlatform, platformText } from './platform.ts';
import { makeLayout, threeLayers } from './testing/make-layout.ts';
import { makeTar, rowsByPath, zstdOf, type TarItem } from './testing/make-tar.ts';

const sha256 = (bytes: Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-oci-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, bytes: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
};

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

const OCI = 'application/vnd.oci.image';

/** Writes a layout below `folder/image`. */
class Layout {
  readonly path = join(folder, 'image');

  blob(mediaType: string, value: unknown, more: Partial<Descriptor> = {}): Descriptor {
    const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));
    const digest = sha256(bytes);
    write(`image/blobs/${digest.replace(':', '/')}`, bytes);
    return { mediaType, digest, size: bytes.length, ...more };
  }

  image(
    layers: readonly { readonly tar: Uint8Array; readonly stored?: Uint8Array }[],
    config: object = {},
    more: Partial<Descriptor> = {},
  ): Descriptor {
    const blobs = layers.map(({ tar, stored = tar }) => this.blob(`${OCI}.layer.v1.tar+gzip`, stored));
    const rootfs = { type: 'layers', diff_ids: layers.map(({ tar }) => sha256(tar)) };
    const configBlob = this.blob(`${OCI}.config.v1+json`, { os: 'linux', architecture: 'amd64', rootfs, ...config });
    return this.blob(`${OCI}.manifest.v1+json`, { schemaVersion: 2, config: configBlob, layers: blobs }, more);
  }

  finish(...manifests: Descriptor[]): string {
    write('image/oci-layout', '{"imageLayoutVersion":"1.0.0"}');
    write('image/index.json', JSON.stringify({ schemaVersion: 2, manifests }));
    return this.path;
  }

  blobPath(digest: string): string {
    return join(this.path, 'blobs', digest.replace(':', '/'));
  }
}

const items = (name: string): TarItem[] => [
  { name: 'etc/', type: 'directory' },
  { name: `etc/${name}`, content: name.repeat(100) },
];
async function pathsOf(path: string, options?: OpenOciOptions): Promise<string[][]> {
  const { layers } = await openOciImage(path, options);
  const all: string[][] = [];
  for (const layer of layers) all.push([...rowsByPath(await layer.read()).keys()]);
  return all;
}

describe('a layout', () => {
  test('gives its layers from the bottom, whatever they are compressed with', async () => {
    const tars = [
      await makeTar(items('a')),
      await makeTar(items('b')),
      await makeTar([...items('c'), { name: 'etc/.wh.a' }]),
    ] as const;
    const layout = new Layout();
    const history = [
      { created_by: 'ADD rootfs' },
      { created_by: 'ENV x', empty_layer: true },
      { created_by: 'RUN b' },
      {},
    ];
    const stored = [gzipSync(tars[0]), zstdOf(tars[1]), tars[2]];
    const manifest = layout.image(
      tars.map((tar, index) => ({ tar, stored: stored[index] ?? tar })),
      { history, variant: 'v2' },
      { annotations: { 'org.opencontainers.image.ref.name': 'app:1' } },
    );
    const path = layout.finish(manifest);
    expect(await recogniseLayerSource(path)).toBe('oci-layout');
    const image = await openOciImage(path);
    expect([image.title, image.platform]).toEqual(['app:1', 'linux/amd64/v2']);
    expect(image.layers).toMatchObject(
      [0, 1, 2].map((index) => ({
        name: ['ADD rootfs', 'RUN b', sha256(tars[2])][index],
        digest: sha256(stored[index] ?? tars[0]),
        diffId: sha256(tars[index] ?? tars[0]),
        mediaType: `${OCI}.layer.v1.tar+gzip`,
        size: stored[index]?.length,
      })),
    );
    expect(await pathsOf(path)).toEqual([
      ['/', '/etc', '/etc/a'],
      ['/', '/etc', '/etc/b'],
      ['/', '/etc', '/etc/a', '/etc/c'],
    ]);
  });

  test('a gzip stream in several members, or with something behind it', async () => {
    const tar = await makeTar(items('a'));
    const layout = new Layout();
    const members = Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]);
    const path = layout.finish(
      layout.image([
        { tar, stored: members },
        { tar, stored: Buffer.concat([gzipSync(tar), Buffer.alloc(300_000)]) },
      ]),
    );
    expect(await pathsOf(path)).toEqual([
      ['/', '/etc', '/etc/a'],
      ['/', '/etc', '/etc/a'],
    ]);
  });

  test('a blob with one other byte is told with both digests, whichever it is', async () => {
    const tar = await makeTar(items('a'));
    for (const stored of [tar, gzipSync(tar), zstdOf(tar)]) {
      const digest = sha256(stored);
      const layout = new Layout();
      const path = layout.finish(layout.image([{ tar, stored }]));
      for (const at of [0, Math.floor(stored.length / 3), Math.floor(stored.length / 2), stored.length - 2]) {
        const wrong = Buffer.from(stored);
        wrong[at] = (wrong[at] ?? 0) ^ 0x40;
        writeFileSync(layout.blobPath(digest), wrong);
        const [layer] = (await openOciImage(path)).layers;
        const error = await layer?.read().catch((thrown: unknown) => thrown);
        expect(error, String(at)).toMatchObject({ name: 'StoreError', code: 'EBADMSG', path });
        expect((error as Error).message, String(at)).toContain(`has the digest ${sha256(wrong)}, and not ${digest}`);
      }
      rmSync(path, { recursive: true });
    }
  });

  test('a wrong byte behind a gzip stream is found', async () => {
    const tar = await makeTar(items('a'));
    const stored = Buffer.concat([gzipSync(tar), Buffer.alloc(5_000_000)]);
    const layout = new Layout();
    const path = layout.finish(layout.image([{ tar, stored }]));
    const wrong = Buffer.from(stored);
    wrong[wrong.length - 1] = 1;
    writeFileSync(layout.blobPath(sha256(stored)), wrong);
    const [layer] = (await openOciImage(path)).layers;
    await expect(layer?.read()).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining(sha256(wrong)),
    });
  });

  test('a tar that is not that of the diff_id is told with both digests', async () => {
    const [tar, other] = [await makeTar(items('a')), await makeTar(items('b'))];
    const layout = new Layout();
    const path = layout.finish(layout.image([{ tar, stored: gzipSync(other) }]));
    const [layer] = (await openOciImage(path)).layers;
    await expect(layer?.read()).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringMatching(
        new RegExp(`the tar of layer .* has the digest ${sha256(other)}, and not ${sha256(tar)}`),
      ),
    });
  });

  test('wrong manifests and configs, blobs that are not there, digests that are none', async () => {
    const layout = new Layout();
    const manifest = layout.image([]);
    const path = layout.finish(manifest);
    const bytes = readFileSync(layout.blobPath(manifest.digest));
    writeFileSync(layout.blobPath(manifest.digest), `${bytes.toString()} `);
    await expect(openOciImage(path)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining(manifest.digest),
    });
    rmSync(layout.blobPath(manifest.digest));
    await expect(openOciImage(path)).rejects.toMatchObject({ code: 'ENOENT' });
    layout.finish({ ...manifest, digest: 'sha256:../../../etc/passwd' });
    await expect(openOciImage(path)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('no digest'),
    });
    layout.finish({ ...layout.image([]), size: 5 });
    await expect(openOciImage(path)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('and not the 5'),
    });
    write('image/index.json', '{');
    await expect(openOciImage(path)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('no JSON'),
    });
    write('image/index.json', '{"manifests":[{}]}');
    await expect(openOciImage(path)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('not as it must be'),
    });
    rmSync(join(path, 'index.json'));
    await expect(openOciImage(path)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('no index.json'),
    });
    await expect(openOciImage(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('a bomb ends at the limit', async () => {
    const tar = await makeTar([{ name: 'zeros', content: Buffer.alloc(3_000_000) }]);
    const layout = new Layout();
    const path = layout.finish(layout.image([{ tar, stored: gzipSync(tar) }]));
    const limits = { maxEntries: 10, maxBytes: 2_000_000 };
    const [layer] = (await openOciImage(path, { limits })).layers;
    await expect(layer?.read()).rejects.toMatchObject({
      code: 'EFBIG',
      message: expect.stringContaining('more than 2000000 bytes'),
    });
  });

  test('layers that no tar program reads', async () => {
    const layout = new Layout();
    const xz = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2, 3]);
    const encrypted = layout.blob(`${OCI}.layer.v1.tar+gzip+encrypted`, Buffer.from('secret'));
    const config = layout.blob('application/vnd.oci.empty.v1+json', {});
    const path = layout.finish(
      layout.blob('', { config, layers: [layout.blob('x', xz), encrypted, layout.blob('y', Buffer.from('no tar'))] }),
    );
    const { layers, platform } = await openOciImage(path);
    expect(platform).toBeUndefined();
    expect(layers[0]?.name).toBe(sha256(xz));
    const messages = ['compressed with xz', 'is encrypted', 'Unexpected end of data'];
    for (const [index, message] of messages.entries()) {
      await expect(layers[index]?.read()).rejects.toMatchObject({
        code: 'EBADMSG',
        message: expect.stringContaining(message),
      });
    }
  });
});

const match = (wanted: string, found: string): number => matchPlatform(parsePlatform(wanted), parsePlatform(found));

describe('several images', () => {
  const own = localPlatform(process.arch);
  const [, arch = ''] = own.split('/');

  test('are chosen by platform, in indexes too', async () => {
    const layout = new Layout();
    const images = await Promise.all(
      ['linux s390x', `linux ${arch}`, 'windows amd64'].map(async (text) => {
        const [os = '', architecture = ''] = text.split(' ');
        return layout.image(
          [{ tar: await makeTar(items(`${os}-${architecture}`)) }],
          { os, architecture },
          { platform: { os, architecture } },
        );
      }),
    );
    const statement = layout.blob(
      `${OCI}.manifest.v1+json`,
      {},
      { platform: { os: 'unknown', architecture: 'unknown' } },
    );
    const inner = layout.blob(
      `${OCI}.index.v1+json`,
      { manifests: [...images, statement] },
      { annotations: { 'org.opencontainers.image.ref.name': 'multi' } },
    );
    const path = layout.finish(inner);
    expect(await pathsOf(path)).toEqual([['/', '/etc', `/etc/linux-${arch}`]]);
    expect(await pathsOf(path, { platform: 's390x' })).toEqual([['/', '/etc', '/etc/linux-s390x']]);
    expect(await openOciImage(path, { platform: 'windows/amd64' })).toMatchObject({
      title: 'multi',
      platform: 'windows/amd64',
    });
    const error = await openOciImage(path, { platform: 'linux/mips' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'ENOENT',
      message: `${path} has no image for linux/mips; there are: multi linux/s390x, multi ${own}, multi windows/amd64`,
    });
  });

  test('of which one is there is that one, unless another is asked for', async () => {
    const layout = new Layout();
    const path = layout.finish(layout.image([], { architecture: 's390x' }));
    expect((await openOciImage(path)).platform).toBe('linux/s390x');
    await expect(openOciImage(path, { platform: 'amd64' })).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('for the same platform need a name', async () => {
    const layout = new Layout();
    const named = (name: string, author: string) =>
      layout.image([], { architecture: arch, author }, { annotations: { 'org.opencontainers.image.ref.name': name } });
    const path = layout.finish(named('a', 'x'), named('b', 'y'), named('c', 'x'));
    await expect(openOciImage(path)).rejects.toMatchObject({
      code: 'EINVAL',
      message: expect.stringContaining(`a ${own}, b ${own}`),
    });
    expect((await openOciImage(path, { reference: 'b' })).title).toBe('b');
    const twice = await openOciImage(path, { reference: 'c' });
    expect(twice.title).toBe('c'); // one image, two names
    await expect(openOciImage(path, { reference: 'z' })).rejects.toMatchObject({
      code: 'ENOENT',
      message: expect.stringContaining('no image z'),
    });
  });

  test('platforms', () => {
    expect([
      match('arm64', 'linux/arm64/v8'),
      match('linux/arm', 'linux/arm/v6'),
      match('linux/arm/v6', 'linux/arm/v7'),
      match('amd64', 'windows/amd64'),
    ]).toEqual([2, 1, 0, 0]);
    expect(platformText({})).toBeUndefined();
  });
});

const tarOf = (...options: string[]): string => {
  execFileSync('tar', ['-C', join(folder, 'image'), '-cf', join(folder, 'image.tar'), ...options]);
  return join(folder, 'image.tar');
};

describe('archives', () => {
  test.each(['--format=ustar', '--format=pax', '--format=gnu'])('of a layout, %s, compressed too', async (format) => {
    const layout = new Layout();
    const tars = [await makeTar(items('a')), await makeTar(items('b'))];
    layout.finish(layout.image(tars.map((tar) => ({ tar, stored: gzipSync(tar) }))));
    const path = tarOf(format, '.');
    const expected = [
      ['/', '/etc', '/etc/a'],
      ['/', '/etc', '/etc/b'],
    ];
    expect(await recogniseLayerSource(path)).toBe('archive');
    expect(await pathsOf(path)).toEqual(expected);
    for (const packed of [gzipSync(readFileSync(path)), zstdOf(readFileSync(path))]) {
      writeFileSync(path, packed);
      expect(await recogniseLayerSource(path)).toBe('archive');
      expect(await pathsOf(path)).toEqual(expected);
    }
    await expect(openOciImage(path, { limits: { maxEntries: 9, maxBytes: 2000 } })).rejects.toMatchObject({
      code: 'EFBIG',
    });
    writeFileSync(path, readFileSync(path).subarray(0, 3000));
    await expect(openOciImage(path)).rejects.toMatchObject({ code: 'EBADMSG', path });
  });

  test('of docker save, with a layer that is a link', async () => {
    const tars = [await makeTar(items('a')), await makeTar(items('b'))] as const;
    const ids = ['1', '2', '3'].map((digit) => digit.repeat(64));
    write(`image/${ids[0]}/layer.tar`, tars[0]);
    write(`image/${ids[1]}/layer.tar`, tars[1]);
    mkdirSync(join(folder, 'image', ids[2] ?? ''));
    symlinkSync(`../${ids[0]}/layer.tar`, join(folder, 'image', ids[2] ?? '', 'layer.tar'));
    const config = JSON.stringify({
      os: 'linux',
      architecture: 'arm64',
      rootfs: { diff_ids: [tars[0], tars[1], tars[0]].map(sha256) },
      history: [{ created_by: 'one' }, { created_by: 'two' }, { created_by: 'three' }],
    });
    const configName = `${sha256(Buffer.from(config)).slice(7)}.json`;
    write(`image/${configName}`, config);
    write(
      'image/manifest.json',
      JSON.stringify([{ Config: configName, RepoTags: ['app:latest'], Layers: ids.map((id) => `${id}/layer.tar`) }]),
    );
    const path = tarOf(...readdirSync(join(folder, 'image')));
    expect(await recogniseLayerSource(path)).toBe('archive');
    const image = await openOciImage(path);
    expect([image.title, image.platform]).toEqual(['app:latest', 'linux/arm64']);
    expect(image.layers.map(({ name, digest }) => [name, digest])).toEqual([
      ['one', sha256(tars[0])],
      ['two', sha256(tars[1])],
      ['three', sha256(tars[0])],
    ]);
    expect((await pathsOf(path)).map((paths) => paths.at(-1))).toEqual(['/etc/a', '/etc/b', '/etc/a']);

    const bytes = readFileSync(path);
    const at = bytes.indexOf('b'.repeat(100));
    bytes[at] = 0x63;
    writeFileSync(path, bytes);
    const wounded = await openOciImage(path);
    await expect(wounded.layers[0]?.read()).resolves.toBeDefined();
    await expect(wounded.layers[1]?.read()).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringMatching(new RegExp(`has the digest sha256:[0-9a-f]{64}, and not ${sha256(tars[1])}`)),
    });

    renameSync(join(folder, 'image', configName), join(folder, 'image', `${'0'.repeat(64)}.json`));
    write('image/manifest.json', JSON.stringify([{ Config: `${'0'.repeat(64)}.json`, Layers: [] }]));
    await expect(openOciImage(tarOf('.'))).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining(`and not sha256:${'0'.repeat(64)}`),
    });
  });

  test('of one image as skopeo writes them, for OCI and for docker, has the same layers as the layout', async () => {
    const layout = join(folder, 'image');
    await makeLayout(layout, [{ layers: threeLayers, name: 'app' }]);
    const tars = await Promise.all(threeLayers.map(({ items: own }) => makeTar(own)));
    const names = tars.map((tar) => `${sha256(tar).slice(7)}.tar`);
    const config = JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { diff_ids: tars.map(sha256) } });
    const configName = `${sha256(Buffer.from(config)).slice(7)}.json`;
    const ids = ['a', 'b', 'c'].map((digit) => digit.repeat(64));
    // each layer once, then its old name as a link to it; the manifest near the end
    const docker = await makeTar([
      ...tars.map((content, index) => ({ name: names[index] ?? '', content, mode: 0o444 })),
      { name: configName, content: config },
      ...ids.flatMap((id, index): TarItem[] => [
        { name: `${id}/layer.tar`, type: 'symlink', linkname: `../${names[index] ?? ''}` },
        { name: `${id}/VERSION`, content: '1.0' },
        { name: `${id}/json`, content: '{}' },
      ]),
      {
        name: 'manifest.json',
        content: JSON.stringify([{ Config: configName, RepoTags: ['docker.io/library/app:latest'], Layers: names }]),
      },
      { name: 'repositories', content: '{}' },
    ]);
    execFileSync('tar', ['-cf', join(folder, 'oci.tar'), '-C', layout, 'blobs', 'index.json', 'oci-layout']);
    const seen = async (path: string): Promise<unknown> => {
      expect(await recogniseLayerSource(path)).toBe(path === layout ? 'oci-layout' : 'archive');
      const { layers } = await openOciImage(path);
      const trees = await Promise.all(layers.map((layer) => layer.read()));
      return trees.map(({ table: { bytes, mode, uid, gid, size, mtime, count } }) => {
        const columns = [mode, uid, gid, size, mtime].map((column) => Array.from(column.subarray(0, count)));
        return { bytes: Buffer.from(bytes).toString('latin1'), columns };
      });
    };
    const expected = await seen(layout);
    expect(expected).toHaveLength(3);
    expect(await seen(join(folder, 'oci.tar'))).toEqual(expected);
    expect(await seen(write('docker.tar', docker))).toEqual(expected);
  });

  test('and what is none', async () => {
    const tar = await makeTar([...items('a'), { name: 'manifest.json', content: '[]' }]);
    expect(await recogniseLayerSource(write('layer', tar))).toBe('tar');
    expect(await recogniseLayerSource(write('layer', gzipSync(tar)))).toBe('tar');
    expect(await recogniseLayerSource(write('layer', zstdOf(tar)))).toBe('tar');
    expect([...rowsByPath(await readLayerFile(join(folder, 'layer'))).keys()]).toEqual([
      '/',
      '/etc',
      '/etc/a',
      '/manifest.json',
    ]);
    await expect(openOciImage(write('layer', tar))).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('not as it must be'),
    });
    expect(await recogniseLayerSource(write('text', 'text'.repeat(1000)))).toBeUndefined();
    expect(await recogniseLayerSource(write('zeros', Buffer.alloc(20_000_000)))).toBeUndefined();
    expect(await recogniseLayerSource(write('nothing', ''))).toBeUndefined();
    expect(await recogniseLayerSource(write('log.gz', gzipSync('text'.repeat(1000))))).toBeUndefined();
    expect(await recogniseLayerSource(folder)).toBeUndefined();
    await expect(recogniseLayerSource(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
