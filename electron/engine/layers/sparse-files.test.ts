import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Random } from '../../../shared/testing/random.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { readTarLayer, type TarLayerImage } from './tar-layer.ts';
import { inPieces, makeTar, rowsByPath, setField } from './testing/make-tar.ts';

const formats = [
  ['gnu', []],
  ['pax', ['--sparse-version=0.0']],
  ['pax', ['--sparse-version=0.1']],
  ['pax', ['--sparse-version=1.0']],
] as const;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sparse-'));
  mkdirSync(join(folder, 'in'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As GNU tar packs what lies in `in`: what is zeros is a hole, whether the file system has it as one or not. */
const pack = (format: string, options: readonly string[]): Buffer =>
  execFileSync(
    'tar',
    ['--sparse', '--hole-detection=raw', `--format=${format}`, ...options, '--sort=name', '-C', 'in', '-c', '.'],
    { cwd: folder, maxBuffer: 2 ** 30 },
  );
const read = (tar: Uint8Array, options: { piece?: number; maxBytes?: number } = {}): Promise<TarLayerImage> =>
  readTarLayer(inPieces(tar, options.piece), {
    name: 'layer.tar',
    limits: { maxEntries: 1000, maxBytes: options.maxBytes ?? 2 ** 30 },
  });

const digestOf = (bytes: Uint8Array): string =>
  Buffer.from(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') })).toString('hex');

/** Size and digest of each file, or its bytes where they lie in the image. */
function contents(image: TarLayerImage): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [path, row] of rowsByPath(image)) {
    const content = image.content(row);
    const size = image.table.size[row] ?? 0;
    if (content.kind === 'object') found[path] = `${size} ${Buffer.from(content.digest ?? []).toString('hex')}`;
    if (content.kind === 'inline') found[path] = `${size} inline`;
  }
  return found;
}

/** Writes a file whose pages of zeros are holes on the disk too: tar takes only such a file for a sparse one. */
function write(name: string, bytes: Uint8Array): void {
  const file = openSync(join(folder, 'in', name), 'w');
  ftruncateSync(file, bytes.length);
  for (let at = 0; at < bytes.length; at += 4096) {
    const page = bytes.subarray(at, at + 4096);
    if (page.some((byte) => byte !== 0)) writeSync(file, page, 0, page.length, at);
  }
  closeSync(file);
}

/** Random pieces of bytes with zeros between them, behind many zeros. */
function withHoles(random: Random, pieces: number, step: number): Buffer {
  const first = 20_000;
  const bytes = Buffer.alloc(first + pieces * step + random.int(3000));
  for (let piece = 0; piece < pieces; piece += 1) {
    const start = first + piece * step + random.int(step / 2);
    bytes.fill(1 + random.int(255), start, start + 1 + random.int(step / 2));
  }
  return bytes;
}

describe.each(formats)('sparse files in %s %s', (format, options) => {
  test.each([1, 512, 65536])('have all their bytes, and what comes behind them too, in pieces of %i', async (piece) => {
    const random = new Random(piece);
    const files: Record<string, Buffer> = {
      'a-few': withHoles(random, 3, 20_000),
      'b-more-than-the-header-holds': withHoles(random, 5, 8192),
      'c-more-than-one-block': withHoles(random, piece === 1 ? 30 : 150, 4096),
      'd-hole': Buffer.alloc(piece === 1 ? 10_000 : 3_000_000),
      'e-zeros-and-an-end': Buffer.concat([Buffer.alloc(70_000), Buffer.from('end')]),
      'f-plain': Buffer.from('plain'.repeat(1000)),
      [`g-${'long'.repeat(40)}`]: withHoles(random, 40, 2048),
    };
    for (const [name, bytes] of Object.entries(files)) write(name, bytes);
    writeFileSync(join(folder, 'in', 'z'), 'small');
    const image = await read(pack(format, options), { piece });
    expect(image.problems).toEqual([]);
    const expected = Object.entries(files).map(([name, bytes]) => [`/${name}`, `${bytes.length} ${digestOf(bytes)}`]);
    expect(contents(image)).toEqual({ ...Object.fromEntries(expected), '/z': '5 inline' });
  });

  test('end at the limit where their holes are larger than it', async () => {
    write('hole', Buffer.alloc(2_000_000));
    const tar = pack(format, options);
    expect(tar.length).toBeLessThan(200_000);
    await expect(read(tar, { maxBytes: 1_900_000 })).rejects.toMatchObject({
      code: 'EFBIG',
      message: expect.stringMatching(/more than 1900000 bytes when unpacked.*--max-bytes/),
    });
  });

  test('that are cut off are refused', async () => {
    write('a', withHoles(new Random(5), 100, 4096));
    const tar = pack(format, options);
    for (const length of [600, 1100, 1600, 2100, 3000, 10_000]) {
      await expect(read(tar.subarray(0, length))).rejects.toMatchObject({ code: 'EBADMSG' });
    }
  });

  test('of which any byte of the headers is another one are read or refused, and nothing else', async () => {
    write('a', withHoles(new Random(7), 30, 1024));
    writeFileSync(join(folder, 'in', 'b'), 'b'.repeat(1000));
    const tar = pack(format, options);
    const random = new Random(11);
    for (let round = 0; round < 300; round += 1) {
      const wounded = Buffer.from(tar);
      const at = 512 + random.int(3000);
      wounded[at] = random.int(256);
      const block = at - (at % 512);
      if (wounded.subarray(block + 257, block + 262).toString() === 'ustar') setField(wounded, block, 500, '');
      const outcome = await read(wounded, { maxBytes: 50_000_000 }).then(
        (image) => image.kind,
        (error: { code?: string }) => error.code,
      );
      expect(['tar', 'EBADMSG', 'EFBIG']).toContain(outcome);
    }
  });
});

describe('maps that lie', () => {
  const sizes = { 'GNU.sparse.size': '10000', 'GNU.sparse.numblocks': '2' };
  const mapped = (map: string, more: Record<string, string> = {}): Record<string, string> => ({
    ...sizes,
    'GNU.sparse.map': map,
    'GNU.sparse.name': 'real',
    ...more,
  });
  test.each([
    ['overlap', mapped('0,100,50,100'), 'map overlaps itself at byte 50'],
    ['go backwards', mapped('5000,100,0,100'), 'map overlaps itself at byte 0'],
    ['go on beyond the file', mapped('0,100,9950,100'), 'map goes on to byte 10050 of 10000'],
    ['tell of fewer pieces', mapped('0,200'), 'says that it has 2 pieces, and its map has 1'],
    ['tell of half a piece', mapped('0,100,100'), 'says that it has 2 pieces, and its map has 1.5'],
    ['tell of more bytes than there are', mapped('0,100,200,200'), 'map tells of 300 bytes, and the archive has 200'],
    ['tell of fewer bytes than there are', mapped('0,100,200,50'), 'map tells of 150 bytes, and the archive has 200'],
    ['have no numbers', mapped('0,100,x,100'), 'no number of its map that can be: "x"'],
    ['have no size', mapped('0,100,200,100', { 'GNU.sparse.size': '-1' }), 'no real size that can be: "-1"'],
    ['are huge', mapped('0,100,200,100', { 'GNU.sparse.size': '9'.repeat(16) }), 'no real size that can be'],
    ['are of no format', mapped('', { 'GNU.sparse.major': '2', 'GNU.sparse.minor': '1' }), 'sparse format 2.1'],
  ])('%s', async (_, pax, message) => {
    const tar = await makeTar([{ name: 'a', content: 'x'.repeat(200), pax }]);
    await expect(read(tar)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining(`the sparse file real cannot be read: it`),
    });
    await expect(read(tar)).rejects.toMatchObject({ message: expect.stringContaining(message) });
  });

  test('are right in 0.1, and so are the bytes', async () => {
    const tar = await makeTar([
      { name: 'a', content: `${'x'.repeat(100)}${'y'.repeat(100)}`, pax: mapped('10,100,9000,100') },
    ]);
    const bytes = Buffer.alloc(10_000);
    bytes.fill('x', 10, 110).fill('y', 9000, 9100);
    expect(contents(await read(tar))).toEqual({ '/real': `10000 ${digestOf(bytes)}` });
  });

  test('are larger than any limit', async () => {
    const pax = mapped('0,100,200,100', { 'GNU.sparse.size': String(2 ** 52) });
    const tar = await makeTar([{ name: 'a', content: 'x'.repeat(200), pax }]);
    await expect(read(tar)).rejects.toMatchObject({
      code: 'EFBIG',
      message: expect.stringContaining(
        'holes of sparse files counted, which is the limit (--max-entries and --max-bytes',
      ),
    });
  });

  test.each([
    ['tells of more pieces than it has', '3\n0\n100\n', 'it has no map'],
    ['tells of too many', '99999999\n0\n100\n', '1048576 are the most'],
    ['has no lines', '1'.repeat(600), 'it has no map'],
    ['has no digits', 'x\n', 'no number of its map that can be: "x"'],
  ])('in 1.0: %s', async (_, map, message) => {
    const pax = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '1000' };
    const content = Buffer.concat([Buffer.from(map.padEnd(512, '\0').slice(0, 512), 'latin1'), Buffer.alloc(100)]);
    await expect(read(await makeTar([{ name: 'a', content, pax }]))).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining(message),
    });
  });

  test('a directory is not sparse', async () => {
    const tar = await makeTar([{ name: 'a', type: 'directory', pax: mapped('0,0,0,0') }]);
    await expect(read(tar)).rejects.toMatchObject({ message: expect.stringContaining('says that it is sparse') });
  });

  test('in the old format, when blocks of map are told of that are not there', async () => {
    write('a', Buffer.concat([Buffer.alloc(20_480), Buffer.alloc(1000, 'x')]));
    const tar = pack('gnu', []);
    const at = 512; // behind the folder
    expect(tar.subarray(at + 156, at + 157).toString()).toBe('S');
    const lying = Buffer.from(tar);
    lying[at + 482] = 1;
    setField(lying, at, 500, '');
    await expect(read(lying)).rejects.toMatchObject({ code: 'EBADMSG' });
    // a map without end
    const endless = Buffer.concat([
      lying.subarray(0, 1024),
      ...Array.from({ length: 20_000 }, () => Buffer.alloc(512, 1)),
    ]);
    await expect(read(endless)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('a map of more than 8388608 bytes'),
    });
  });
});
