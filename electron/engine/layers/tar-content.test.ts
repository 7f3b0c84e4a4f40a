import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Random } from '../../../shared/testing/random.ts';
import type { ContentSource } from '../content.ts';
import { openLayers, type OpenedLayer } from './open-layer.ts';
import { makeLayout } from './testing/make-layout.ts';
import { makeTar, rowsByPath, zstdOf, type TarItem } from './testing/make-tar.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tar-content-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (seed: number, length: number): Buffer => {
  const random = new Random(seed);
  return Buffer.from(Array.from({ length }, () => random.int(256)));
};
const files = new Map([
  ['a', bytesOf(1, 65)],
  ['b', bytesOf(2, 100_000)],
  ['c', bytesOf(3, 1_500_000)],
]);
const items: readonly TarItem[] = [...files].map(([name, content]) => ({ name, content }));

const open = (path: string): Promise<readonly OpenedLayer[]> =>
  openLayers(path, {
    openImage: () => {
      throw new Error('it is no image');
    },
  });

function contentOf({ image, contentOf: own }: OpenedLayer, path: string): ContentSource {
  const source = own?.(rowsByPath(image).get(path) ?? -1);
  if (source === undefined) throw new Error(`no content of ${path}`);
  return source;
}

async function whole(source: ContentSource): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.all(new AbortController().signal)) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Every file whole, and parts of it in any order. */
async function expectFiles(layer: OpenedLayer, expected: ReadonlyMap<string, Buffer> = files): Promise<void> {
  const random = new Random(9);
  for (const [name, bytes] of expected) {
    const source = contentOf(layer, `/${name}`);
    expect(source.size).toBe(bytes.length);
    expect((await whole(source)).equals(bytes)).toBe(true);
    for (let round = 0; round < 8; round += 1) {
      const [offset, length] = [random.int(bytes.length + 100), random.int(bytes.length)];
      const part = await source.read(offset, length);
      expect(Buffer.from(part).equals(bytes.subarray(offset, offset + length))).toBe(true);
    }
  }
}

describe('content of a layer’s files is read from the layer', () => {
  test.each([
    ['as it is', (tar: Uint8Array) => tar],
    ['gzip', gzipSync],
    ['zstd', zstdOf],
  ])('a tar, %s', async (_, pack) => {
    const path = join(folder, 'layer.tar');
    writeFileSync(path, pack(await makeTar([...items, { name: 'link', type: 'link', linkname: 'b' }])));
    const [layer] = await open(path);
    if (layer === undefined) throw new Error('no layer');
    await expectFiles(layer, new Map([...files, ['link', files.get('b') ?? Buffer.alloc(0)]]));
  });

  test('a layout, and archives of it, compressed or not', async () => {
    const layout = join(folder, 'image');
    await makeLayout(layout, [
      {
        layers: [
          { command: 'one', items: [{ name: 'other', content: bytesOf(7, 3000) }] },
          { command: 'two', items },
        ],
      },
    ]);
    for (const options of [undefined, '-c', '-cz']) {
      const path = options === undefined ? layout : join(folder, `archive${options}.tar`);
      if (options !== undefined) execFileSync('tar', [options, '-f', path, '-C', layout, '.']);
      const [below, above] = await open(path);
      if (below === undefined || above === undefined) throw new Error('no layers');
      await expectFiles(below, new Map([['other', bytesOf(7, 3000)]]));
      await expectFiles(above);
    }
  });

  test.each(['gnu', 'pax'])('a sparse file, its holes too, in %s', async (format) => {
    const bytes = Buffer.alloc(900_000);
    writeFileSync(join(folder, 'sparse'), '');
    truncateSync(join(folder, 'sparse'), bytes.length);
    for (let at = 40_000; at < 600_000; at += 60_000) bytesOf(at, 5000).copy(bytes, at);
    execFileSync('dd', ['of=sparse', 'conv=sparse', 'bs=4096', 'status=none'], { cwd: folder, input: bytes });
    truncateSync(join(folder, 'sparse'), bytes.length);
    const tar = join(folder, 'layer.tar');
    execFileSync('tar', ['--sparse', `--format=${format}`, '-cf', tar, 'sparse'], { cwd: folder });
    const [layer] = await open(tar);
    if (layer === undefined) throw new Error('no layer');
    await expectFiles(layer, new Map([['sparse', bytes]]));
  });

  test('but not when the tar has become another one', async () => {
    const path = join(folder, 'layer.tar');
    writeFileSync(path, await makeTar(items));
    const [layer] = await open(path);
    if (layer === undefined) throw new Error('no layer');
    appendFileSync(path, 'x');
    await expect(contentOf(layer, '/b').read(0, 10)).rejects.toMatchObject({
      code: 'ESTALE',
      message: expect.stringContaining('has changed since it was opened'),
    });
    rmSync(path);
    await expect(contentOf(layer, '/b').read(0, 10)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
