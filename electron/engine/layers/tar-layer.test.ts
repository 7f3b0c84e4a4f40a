import { execFileSync } from 'node:child_process';
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { S_IFBLK, S_IFCHR, S_IFDIR, S_IFIFO, S_IFLNK, S_IFREG } from '../../../shared/tree/table.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { readTarLayer, type Limits, type TarLayerImage } from './tar-layer.ts';
import { inPieces, makeTar, rowsByPath, setField, type TarItem } from './testing/make-tar.ts';

const read = async (tar: Uint8Array, options: { limits?: Limits; signal?: AbortSignal; piece?: number } = {}) => {
  const { piece, ...rest } = options;
  return readTarLayer(inPieces(tar, piece), { name: 'layer.tar', ...rest });
};
const readItems = async (...items: TarItem[]): Promise<Seen> => new Seen(await read(await makeTar(items)));
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** An image that tests ask by path. */
class Seen {
  readonly image: TarLayerImage;
  readonly #rows: Map<string, number>;

  constructor(image: TarLayerImage) {
    this.image = image;
    this.#rows = rowsByPath(image);
  }

  get paths(): string[] {
    return [...this.#rows.keys()];
  }

  get problems(): string[] {
    return this.image.problems.map(({ message }) => message);
  }

  row(path: string): number {
    const row = this.#rows.get(path);
    if (row === undefined) throw new Error(`no ${path} in ${this.paths.join(' ')}`);
    return row;
  }

  mode(path: string): number | undefined {
    return this.image.table.mode[this.row(path)];
  }

  column(
    column: 'uid' | 'gid' | 'size' | 'mtime' | 'mtimeNsec' | 'rdev' | 'inode' | 'nlink',
    path: string,
  ): number | undefined {
    return this.image.table[column][this.row(path)];
  }

  xattrs(path: string): Record<string, string> {
    return Object.fromEntries(this.image.xattrs(this.row(path)).map(({ name, value }) => [latin(name), latin(value)]));
  }

  text(path: string): string {
    const row = this.row(path);
    const content = this.image.content(row);
    if (content.kind === 'inline') {
      const pieces = content.extents.map(({ offset = 0, length }) =>
        this.image.table.bytes.subarray(offset, offset + length),
      );
      return latin(Buffer.concat(pieces));
    }
    if (content.kind === 'object')
      return `${latin(content.redirect ?? new Uint8Array(0))} ${Buffer.from(content.digest ?? []).toString('hex')}`;
    return content.kind;
  }
}

const digestOf = (bytes: Uint8Array): string =>
  Buffer.from(fsVerityDigest(bytes, { algorithm: 'sha256', hash: nativeHash('sha256') })).toString('hex');
const OPAQUE = { 'trusted.overlay.opaque': 'y' };

test('all kinds of entries, their attributes and contents', async () => {
  const large = Buffer.alloc(10_000, 'composefs');
  const seen = await readItems(
    { name: './', type: 'directory', mode: 0o750, uid: 1, gid: 2, mtime: 99 },
    { name: './etc/', type: 'directory' },
    { name: './etc/empty', mode: 0o4711, uid: 1000, gid: 2000, mtime: 123 },
    { name: '/etc/small', content: 'x'.repeat(64) },
    { name: 'etc/large', content: large },
    { name: 'etc/other', content: 'x'.repeat(65), type: 'contiguous-file' },
    { name: 'etc/link', type: 'symlink', linkname: '../x y' },
    { name: 'etc/pipe', type: 'fifo' },
    { name: 'etc/char', type: 'character-device', devmajor: 0x123, devminor: 0x3abcd },
    { name: 'etc/block', type: 'block-device', devmajor: 8, devminor: 1 },
  );
  expect(seen.paths).toEqual([
    '/',
    '/etc',
    ...['block', 'char', 'empty', 'large', 'link', 'other', 'pipe', 'small'].map((name) => `/etc/${name}`),
  ]);
  expect(seen.problems).toEqual([]);
  expect(seen.image.kind).toBe('tar');
  expect(seen.image.madeRows.size).toBe(0);
  expect(seen.mode('/')).toBe(S_IFDIR | 0o750);
  expect(seen.column('mtime', '/')).toBe(99);
  expect(seen.mode('/etc/empty')).toBe(S_IFREG | 0o4711);
  expect([
    seen.column('uid', '/etc/empty'),
    seen.column('gid', '/etc/empty'),
    seen.column('mtime', '/etc/empty'),
  ]).toEqual([1000, 2000, 123]);
  expect(seen.text('/etc/empty')).toBe('empty');
  expect(seen.text('/etc/small')).toBe('x'.repeat(64));
  for (const [path, bytes] of [
    ['/etc/large', large],
    ['/etc/other', Buffer.alloc(65, 'x')],
  ] as const) {
    const digest = digestOf(bytes);
    expect(seen.text(path)).toBe(`${digest.slice(0, 2)}/${digest.slice(2)} ${digest}`);
    expect(seen.column('size', path)).toBe(bytes.length);
  }
  expect(seen.text('/etc/link')).toBe('../x y');
  expect(seen.column('size', '/etc/link')).toBe(6);
  expect([seen.mode('/etc/link'), seen.mode('/etc/pipe')].map((mode = 0) => mode & 0o170000)).toEqual([
    S_IFLNK,
    S_IFIFO,
  ]);
  expect((seen.mode('/etc/char') ?? 0) & 0o170000).toBe(S_IFCHR);
  expect((seen.mode('/etc/block') ?? 0) & 0o170000).toBe(S_IFBLK);
  expect(seen.column('rdev', '/etc/char')).toBe(0x3ab123cd);
  expect(seen.column('rdev', '/etc/block')).toBe(0x801);
});

test('pax records keep bytes, fractions and large numbers, and count for one entry alone', async () => {
  const value = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const seen = await readItems(
    {
      name: 'x',
      pax: {
        path: 'a\xff\xe9',
        mtime: '1234567890.123456789',
        uid: '4294967294',
        gid: '3000000',
        'SCHILY.xattr.security.capability': value,
        'SCHILY.xattr.user.\xfe=': '',
      },
    },
    { name: 'b', pax: { mtime: '-1.25', comment: 'x', path: '' } },
    { name: 'c', type: 'symlink', linkname: 'x', pax: { linkpath: '\x80' }, mtime: 5 },
    { name: 'd', pax: { mtime: '-3' } },
  );
  expect(seen.paths).toEqual(['/', '/a\xff\xe9', '/b', '/c', '/d']);
  expect(seen.xattrs('/a\xff\xe9')).toEqual({ 'security.capability': latin(value), 'user.\xfe': '=' });
  expect([seen.column('uid', '/a\xff\xe9'), seen.column('gid', '/a\xff\xe9')]).toEqual([4294967294, 3000000]);
  const times = ['/a\xff\xe9', '/b', '/c', '/d'].map((path) => [
    seen.column('mtime', path),
    seen.column('mtimeNsec', path),
  ]);
  expect(times).toEqual([
    [1234567890, 123456789],
    [-2, 750000000],
    [5, 0],
    [-3, 0],
  ]);
  expect(seen.xattrs('/b')).toEqual({});
  expect(seen.text('/c')).toBe('\x80');
});

test.each([1, 7, 511, 513, 100_000])('pieces of %i bytes are the same tar', async (piece) => {
  const tar = await makeTar([
    { name: 'a', content: 'x'.repeat(700), pax: { 'SCHILY.xattr.user.a': '\xff'.repeat(600) } },
    { name: `${'d'.repeat(90)}/${'e'.repeat(150)}`, content: 'y' },
    { name: 'c' },
  ]);
  const seen = new Seen(await read(tar, { piece }));
  expect(seen.paths).toEqual(['/', '/a', '/c', `/${'d'.repeat(90)}`, `/${'d'.repeat(90)}/${'e'.repeat(150)}`]);
  expect(seen.xattrs('/a')).toEqual({ 'user.a': '\xff'.repeat(600) });
  expect(seen.image.facts).toContainEqual({ label: 'bytes unpacked', value: String(tar.length) });
});

describe('whiteouts', () => {
  test('hide what the layers below have, wherever they stand', async () => {
    const items: TarItem[] = [
      { name: 'd/', type: 'directory', mode: 0o700 },
      { name: 'd/.wh.gone' },
      { name: 'd/.wh.file' },
      { name: 'd/file', content: 'new' },
      { name: 'd/.wh.sub' },
      { name: 'd/sub/', type: 'directory' },
      { name: 'd/sub/x' },
      { name: 'o/', type: 'directory' },
      { name: 'o/.wh..wh..opq' },
      { name: 'o/kept' },
      { name: '.wh..wh.plnk', type: 'directory' },
      { name: '.wh..wh.aufs' },
    ];
    const seen = await readItems(...items);
    expect(seen.paths).toEqual(['/', '/d', '/d/file', '/d/gone', '/d/sub', '/d/sub/x', '/o', '/o/kept']);
    expect([seen.mode('/d/gone'), seen.column('rdev', '/d/gone'), seen.column('size', '/d/gone')]).toEqual([
      S_IFCHR,
      0,
      0,
    ]);
    expect(seen.text('/d/file')).toBe('new');
    expect(seen.xattrs('/d/sub')).toEqual(OPAQUE);
    expect(seen.xattrs('/o')).toEqual(OPAQUE);
    expect(seen.xattrs('/d')).toEqual({});
    expect(seen.problems).toEqual([]);
    const folders = items.filter(({ type }) => type === 'directory');
    const backwards = items.filter(({ type }) => type !== 'directory').toReversed();
    for (const other of [await readItems(...folders, ...backwards), await readItems(...items.toReversed())]) {
      expect(other.paths).toEqual(seen.paths);
      for (const path of seen.paths) {
        expect([path, other.mode(path), other.xattrs(path)]).toEqual([path, seen.mode(path), seen.xattrs(path)]);
      }
    }
  });

  test('of the root', async () => {
    const seen = await readItems({ name: '.wh..wh..opq' }, { name: './.wh.etc' });
    expect(seen.paths).toEqual(['/', '/etc']);
    expect(seen.xattrs('/')).toEqual(OPAQUE);
  });

  test('in a folder that is not in the layer make it', async () => {
    const seen = await readItems({ name: 'srv/cache/.wh.a' }, { name: 'f' }, { name: 'f/.wh.b' });
    expect(seen.paths).toEqual(['/', '/f', '/srv', '/srv/cache', '/srv/cache/a']);
    expect(seen.problems).toEqual([
      '2 directories were not in the layer though entries lie in it; made as 0755 0:0: /srv, /srv/cache',
    ]);
    expect([...seen.image.madeRows].toSorted((a, b) => a - b)).toEqual(
      ['/', '/srv', '/srv/cache'].map((path) => seen.row(path)),
    );
  });

  test.each(['.wh.', '.wh..', 'a/.wh...'])('%s hides nothing that there is', async (name) => {
    await expect(readItems({ name })).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining(`/${name} is a whiteout`),
    });
  });
});

test('the last of several entries of a name counts; directories keep what is in them', async () => {
  const seen = await readItems(
    { name: 'f', content: 'old' },
    { name: 'f', content: 'new' },
    { name: 'd/', type: 'directory' },
    { name: 'd/x' },
    { name: 'd/', type: 'directory', mode: 0o700, mtime: 7 },
    { name: 'e/x' },
    { name: 'e', type: 'symlink', linkname: 'd' },
    { name: 'g' },
    { name: 'g/', type: 'directory' },
    { name: 'g/x' },
  );
  expect(seen.paths).toEqual(['/', '/d', '/d/x', '/e', '/f', '/g', '/g/x']);
  expect(seen.text('/f')).toBe('new');
  expect(seen.mode('/d')).toBe(S_IFDIR | 0o700);
  expect(seen.text('/e')).toBe('d');
});

test('directories that are not there are made, and named', async () => {
  const seen = await readItems(
    { name: 'a/b/c' },
    { name: 'a/', type: 'directory', mode: 0o711 },
    ...Array.from({ length: 7 }, (_, index) => ({ name: `m${index}/x` })),
  );
  expect(seen.mode('/a')).toBe(S_IFDIR | 0o711);
  expect([seen.mode('/a/b'), seen.mode('/'), seen.column('mtime', '/a/b')]).toEqual([
    S_IFDIR | 0o755,
    S_IFDIR | 0o755,
    0,
  ]);
  expect(seen.problems).toHaveLength(1);
  expect(seen.problems[0]).toMatch(/^8 directories were not in the layer .* and 3 more$/);
  expect(seen.image.problems[0]).toMatchObject({ severity: 'warning', entry: undefined });
  expect(seen.image.madeRows.size).toBe(9);
});

describe('hard links', () => {
  test('share an inode', async () => {
    const seen = await readItems(
      { name: 'a', content: 'a', pax: { 'SCHILY.xattr.user.a': '1' } },
      { name: 'b', type: 'link', linkname: './a' },
      { name: 'c', type: 'link', linkname: '/b' },
      { name: 'a', content: 'other' },
      { name: 'b', type: 'link', linkname: 'b' },
    );
    expect(seen.text('/b')).toBe('a');
    expect(seen.text('/a')).toBe('other');
    expect(seen.column('inode', '/b')).toBe(seen.column('inode', '/c'));
    expect([seen.column('nlink', '/a'), seen.column('nlink', '/b')]).toEqual([1, 2]);
    expect(seen.xattrs('/c')).toEqual({ 'user.a': '1' });
  });

  test('to what the layers below have are redirected to it', async () => {
    const seen = await readItems(
      { name: 'd/a', type: 'link', linkname: 'usr/\xc3\xa9', mode: 0o600, uid: 3 },
      { name: 'd/b', type: 'link', linkname: 'd/a' },
      { name: 'self', type: 'link', linkname: 'self' },
    );
    expect(seen.mode('/d/a')).toBe(S_IFREG | 0o600);
    expect(seen.column('uid', '/d/a')).toBe(3);
    expect(seen.xattrs('/d/b')).toEqual({
      'trusted.overlay.metacopy': '',
      'trusted.overlay.redirect': latin(Buffer.from('/usr/\xc3\xa9')),
    });
    expect(seen.column('inode', '/d/a')).toBe(seen.column('inode', '/d/b'));
    expect(seen.xattrs('/self')).toMatchObject({ 'trusted.overlay.redirect': '/self' });
  });

  test('to what comes later in the layer are told', async () => {
    const seen = await readItems(
      { name: 'a', type: 'link', linkname: 'c' },
      { name: 'b', type: 'link', linkname: 'a' },
      { name: 'c', content: 'x' },
    );
    expect(['/a', '/b', '/c'].map((path) => seen.text(path))).toEqual(['x', 'x', 'x']);
    expect(seen.column('nlink', '/c')).toBe(3);
    expect(seen.problems).toEqual(['/c comes behind a hard link to it, a']);
  });

  test('to directories are refused', async () => {
    await expect(
      readItems({ name: 'd/', type: 'directory' }, { name: 'a', type: 'link', linkname: 'd' }),
    ).rejects.toThrow('/a is a hard link to a directory, /d');
    await expect(
      readItems({ name: 'a', type: 'link', linkname: 'd' }, { name: 'd/', type: 'directory' }),
    ).rejects.toThrow('hard link to a directory, /d');
  });
});

describe('what cannot be is refused', () => {
  test.each<[string, TarItem[], string]>([
    ['a way out', [{ name: 'a/../../etc/passwd' }], 'a/../../etc/passwd leads out of the layer'],
    ['a way out in a hard link', [{ name: 'a', type: 'link', linkname: '../x' }], '../x leads out'],
    ['a zero byte', [{ name: 'a', pax: { path: 'a\0b' } }], 'a name with a zero byte: a\\x00b'],
    ['an entry in a file', [{ name: 'a' }, { name: 'a/b' }], '/a is no directory'],
    ['a long path', [{ name: 'a', pax: { path: 'n/'.repeat(2048) } }], 'a path of 4096 bytes'],
    ['a long name', [{ name: 'a', pax: { path: 'n'.repeat(256) } }], 'a name has 256 bytes'],
    ['a user', [{ name: 'a', pax: { uid: '4294967296' } }], 'no uid that can be: 4294967296'],
    ['a time', [{ name: 'a', pax: { mtime: 'now' } }], 'no time that can be: now'],
    ['a root that is a file', [{ name: '.' }], 'the root is no directory'],
    ['a symlink without a target', [{ name: 'a', type: 'symlink', pax: { linkpath: '\0' } }], 'no target'],
    [
      'a sparse file',
      [{ name: 'a', content: 'x', pax: { 'GNU.sparse.major': '1', 'GNU.sparse.name': 'real' } }],
      'the sparse file real cannot be read: it has no real size',
    ],
    [
      'content of a symlink',
      [{ name: 'a', type: 'symlink', linkname: 'b', pax: { size: '512' } }],
      'a, a symlink, says that it has 512 bytes',
    ],
    ['a global size', [{ name: 'a', global: { size: '5' } }], 'a global pax header gives a size'],
  ])('%s', async (_, items, message) => {
    const error = await readItems(...items).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'StoreError', code: 'EBADMSG', path: 'layer.tar' });
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).toContain('layer.tar');
  });

  test('pax records that are none', async () => {
    const tar = await makeTar([{ name: 'a', pax: { mtime: '1' } }]);
    tar.write('99 ', 512);
    await expect(read(tar)).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('a pax header that is none'),
    });
  });

  test('no tar at all', async () => {
    await expect(read(Buffer.alloc(2000, 'text '))).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('Invalid tar header'),
    });
    await expect(read(Buffer.alloc(0))).rejects.toMatchObject({
      code: 'EBADMSG',
      message: expect.stringContaining('empty'),
    });
  });

  test('a tar that was cut off, wherever', async () => {
    const tar = await makeTar([
      { name: 'a', content: 'x'.repeat(2000) },
      { name: 'b', content: 'y' },
    ]);
    for (const length of [100, 600, 2048, 2560 + 100, 3072 + 1]) {
      await expect(read(tar.subarray(0, length)), String(length)).rejects.toMatchObject({
        code: 'EBADMSG',
        message: expect.stringContaining('Unexpected end of data'),
      });
    }
    const between = new Seen(await read(tar.subarray(0, 2560)));
    expect(between.paths).toEqual(['/', '/a']);
    expect(between.problems).toEqual(['There is no end-of-archive mark: what follows may have been cut off']);
  });

  test('errors of where the bytes come from stay what they are', async () => {
    const tar = await makeTar([{ name: 'a', content: 'x'.repeat(2000) }]);
    const broken = async function* broken(): AsyncGenerator<Uint8Array, void, void> {
      yield tar.subarray(0, 1000);
      throw new RangeError('the source is gone');
    };
    await expect(readTarLayer(broken(), { name: 'l' })).rejects.toThrow('the source is gone');
  });

  test('more than the limits', async () => {
    const tar = await makeTar([{ name: 'a' }, { name: 'b/c/d' }]);
    const all = { maxEntries: 4, maxBytes: tar.length };
    await expect(read(tar, { limits: all })).resolves.toBeDefined();
    await expect(read(tar, { limits: { ...all, maxEntries: 3 } })).rejects.toMatchObject({
      code: 'EFBIG',
      message: expect.stringContaining('more than 3 entries, which is the limit'),
    });
    await expect(read(tar, { limits: { ...all, maxEntries: 1 } })).rejects.toMatchObject({ code: 'EFBIG' });
    await expect(read(tar, { limits: { ...all, maxBytes: tar.length - 1 }, piece: 512 })).rejects.toMatchObject({
      code: 'EFBIG',
      message: expect.stringContaining(`more than ${tar.length - 1} bytes`),
    });
  });

  test('a reader that is told to stop', async () => {
    const tar = await makeTar([{ name: 'a' }]);
    await expect(read(tar, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('what is left out is told', async () => {
  const tar = await makeTar([{ name: 'a' }, { name: 'b' }, { name: 'c', global: { mtime: '9', comment: 'x' } }]);
  setField(tar, 512, 156, 'Z');
  const more = await makeTar([{ name: 'late' }]);
  const seen = new Seen(await read(Buffer.concat([tar, more])));
  expect(seen.paths).toEqual(['/', '/a', '/c']);
  expect(seen.column('mtime', '/c')).toBe(0);
  expect(seen.problems).toEqual([
    '1 of type “Z”, which no container tool knows, left out',
    'Global pax headers are not applied: container tools do not either',
    '1 entries behind the end of the archive, left out',
  ]);
});

test('zeros at the end take no memory, whatever their number', async () => {
  const tar = await makeTar([{ name: 'a' }]);
  const padded = async function* padded(): AsyncGenerator<Uint8Array, void, void> {
    yield tar;
    for (let count = 0; count < 100; count += 1) yield Buffer.alloc(2 ** 20);
  };
  const seen = new Seen(await readTarLayer(padded(), { name: 'l' }));
  expect([seen.paths, seen.problems]).toEqual([['/', '/a'], []]);
});

describe('as tar writes them', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'composcope-tar-'));
    mkdirSync(join(folder, 'in'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const tar = (...options: string[]): Buffer => {
    execFileSync('tar', ['-C', join(folder, 'in'), '-cf', join(folder, 'out.tar'), '--sort=name', ...options, '.']);
    return readFileSync(join(folder, 'out.tar'));
  };

  test.each(['ustar', 'pax', 'gnu', 'v7'])('%s', async (format) => {
    const inside = join(folder, 'in');
    const long = format === 'pax' || format === 'gnu';
    const name = long ? `${'n'.repeat(200)}é` : 'n'.repeat(90);
    const target = long ? 't'.repeat(300) : 'target';
    writeFileSync(join(inside, name), 'z'.repeat(1000));
    linkSync(join(inside, name), join(inside, 'z-link'));
    symlinkSync(target, join(inside, 'symlink'));
    mkdirSync(join(inside, 'sub'), { mode: 0o700 });
    utimesSync(join(inside, name), 100, 1_600_000_000.25);
    if (format === 'pax' || format === 'gnu') utimesSync(join(inside, 'sub'), 100, new Date(-1000));
    const seen = new Seen(await read(tar(`--format=${format}`, '--owner=x:70000', '--group=y:80000')));
    const path = `/${latin(Buffer.from(name))}`;
    expect(seen.paths).toEqual(['/', path, '/sub', '/symlink', '/z-link']);
    expect(seen.problems).toEqual([]);
    expect(seen.column('inode', path)).toBe(seen.column('inode', '/z-link'));
    expect(seen.column('size', '/z-link')).toBe(1000);
    expect(seen.column('mtime', path)).toBe(1_600_000_000);
    expect(seen.column('mtimeNsec', path)).toBe(format === 'pax' ? 250_000_000 : 0);
    if (format === 'pax' || format === 'gnu') expect(seen.column('mtime', '/sub')).toBe(-1);
    expect(seen.text('/symlink')).toBe(target);
    expect(seen.mode('/sub')).toBe(S_IFDIR | 0o700);
    expect([seen.column('uid', path), seen.column('gid', path)]).toEqual([70000, 80000]);
  });

  test('xattrs', async () => {
    writeFileSync(join(folder, 'in', 'a'), 'a');
    const seen = new Seen(await read(tar('--format=pax', '--xattrs', '--pax-option=SCHILY.xattr.user.test:=é')));
    expect(seen.xattrs('/a')).toEqual({ 'user.test': latin(Buffer.from('é')) });
  });
});
