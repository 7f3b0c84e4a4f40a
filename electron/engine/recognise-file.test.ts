import { symlinkSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { validImage } from '../../shared/testing/images.ts';
import { recogniseFile } from './recognise-file.ts';
import { objectPath, plant } from './stores/testing/folder.ts';

const DUMP = '/ 0 40755 2 0 0 0 0.0 - - -\n';

describe('what is dropped', () => {
  it.each([
    ['a composefs image', validImage('everything-v0.cfs'), { kind: 'image', format: 'composefs' }],
    ['a plain EROFS image', validImage('plain.erofs'), { kind: 'image', format: 'erofs' }],
    ['a dump', DUMP, { kind: 'image', format: 'dump' }],
    [
      'a gzipped dump',
      gzipSync(DUMP),
      { kind: 'gzip', sentence: expect.stringContaining('It holds a composefs dump.') },
    ],
    [
      'a gzipped image',
      gzipSync(validImage('everything-v0.cfs')),
      { kind: 'gzip', sentence: expect.stringContaining('It holds an image.') },
    ],
    [
      'a gzipped something',
      gzipSync('hello'),
      { kind: 'gzip', sentence: 'This is compressed with gzip. Decompress it with `gunzip` and open what comes out.' },
    ],
    ['a broken gzip', Uint8Array.of(0x1f, 0x8b, 8, 0xff, 1, 2, 3), { kind: 'gzip' }],
    ['an empty file', '', { kind: 'empty', sentence: 'This file is empty.' }],
    ['a text', 'hello', { kind: 'unknown', sentence: expect.stringContaining('9a 62 78 d0') }],
    ['a splitstream', 'SplitStream\0', { kind: 'splitstream' }],
  ])('is told to be %s by its content, whatever its name', async (_, content, expected) => {
    const folder = plant({ 'photo.jpg': content });
    symlinkSync('photo.jpg', folder.at('link'));
    expect(await recogniseFile(folder.at('photo.jpg'))).toMatchObject(expected);
    expect(await recogniseFile(folder.at('link'))).toMatchObject(expected);
  });

  it('is told to be an OCI layout, a store, or a folder', async () => {
    const folder = plant({
      'oci/oci-layout': '{"imageLayoutVersion":"1.0.0"}',
      'oci/index.json': '{}',
      'oci/blobs/sha256': { folder: true },
      [`store/${objectPath('x')}`]: 'x',
      'folder/a.cfs': validImage('everything-v1.cfs'),
    });
    expect(await recogniseFile(folder.at('oci'))).toMatchObject({ kind: 'layers' });
    expect(await recogniseFile(folder.at('store'))).toMatchObject({
      kind: 'store',
      stores: [{ dataRoot: folder.at('store') }],
      sentence: 'mkcomposefs digest store.',
    });
    expect(await recogniseFile(folder.at('folder'))).toMatchObject({
      kind: 'directory',
      stores: [{ images: [folder.at('folder/a.cfs')], certain: false }],
    });
  });

  it('is not waited for where it is a FIFO, and an error where it is not there', async () => {
    const folder = plant({ pipe: { fifo: true } });
    await expect(recogniseFile(folder.at('pipe'))).rejects.toMatchObject({ code: 'ENXIO' });
    await expect(recogniseFile('/dev/zero')).rejects.toMatchObject({ code: 'ENXIO' });
    await expect(recogniseFile(folder.at('none'))).rejects.toMatchObject({ code: 'ENOENT', path: folder.at('none') });
  });

  it('costs little where a few compressed bytes would become gigabytes', async () => {
    const folder = plant({ bomb: gzipSync(Buffer.alloc(64 << 20)) });
    const started = process.memoryUsage().arrayBuffers;
    expect(await recogniseFile(folder.at('bomb'))).toMatchObject({ kind: 'gzip' });
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(8 << 20);
  });
});
