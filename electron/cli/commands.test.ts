import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, run, validImage } from './testing.ts';

const attributes = fixture('attributes.cfs');
const elsewhere = fixture('store-elsewhere');
const wounded = fixture('wounded/wounded.cfs');
const broken = fixture('broken.cfs');
const everything = validImage('everything-v1.cfs');
const golden = (name: string): string =>
  readFileSync(new URL(`../../shared/composefs/testdata/${name}`, import.meta.url), 'latin1');

let work = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'composcope-commands-'));
});
afterAll(() => rmSync(work, { recursive: true }));

/** What a command prints as JSON. */
async function json(...argv: readonly string[]): Promise<unknown> {
  const { out, err, status } = await run(...argv, '--json');
  expect({ err, status }).toEqual({ err: '', status: 0 });
  return JSON.parse(Buffer.from(out, 'latin1').toString());
}

interface Listed {
  readonly images: readonly { readonly image: string; readonly entries: readonly Record<string, unknown>[] }[];
}
const entriesOf = async (...argv: readonly string[]): Promise<readonly Record<string, unknown>[]> =>
  ((await json(...argv)) as Listed).images.flatMap(({ entries }) => entries);

describe('the commands of composefs-info', () => {
  test.each(['ls', 'dump', 'objects'])('%s prints its bytes', async (command) => {
    expect(await run(command, everything)).toEqual({ status: 0, out: golden(`everything-v1.${command}`), err: '' });
  });

  test.each(['ls', 'dump'])('%s puts several images one behind the other', async (command) => {
    const [one, two] = [await run(command, everything), await run(command, attributes)];
    expect((await run(command, everything, attributes)).out).toBe(one.out + two.out);
  });

  test('objects lists those of all images together', async () => {
    const both = (await run('objects', everything, attributes)).out.split('\n').slice(0, -1);
    const single = [(await run('objects', everything)).out, (await run('objects', attributes)).out].join('');
    expect(both).toEqual([...new Set(single.split('\n').slice(0, -1))].toSorted());
  });

  test('options stand in front of the command or behind it', async () => {
    const wanted = { status: 0, out: '/dir/\t\n/dir/gone\n/fifo\n', err: '' };
    expect(await run('--filter=dir', '--filter', 'fifo', 'ls', everything)).toEqual(wanted);
    expect(await run('ls', '--filter=dir', everything, '--filter', 'fifo')).toEqual(wanted);
    expect(await run('ls', '--filter=dir', '--filter=fifo', '--', everything)).toEqual(wanted);
  });

  test('missing-objects looks below --basedir, and knows nothing to be there without one', async () => {
    const all = (await run('objects', wounded)).out;
    const missing = all.split('\n').filter((line) => line.startsWith('ac/'));
    expect(missing).toHaveLength(1);
    const store = fixture('wounded/objects');
    const wanted = { status: 0, out: `${missing[0]}\n`, err: '' };
    expect(await run('missing-objects', '--basedir', store, wounded)).toEqual(wanted);
    expect(await run(`--basedir=${store}`, 'missing-objects', wounded)).toEqual(wanted);
    expect(await run('missing-objects', '--store', elsewhere, '--store', store, wounded)).toEqual(wanted);
    expect(await run('missing-objects', wounded)).toEqual({ status: 0, out: all, err: '' });
  });

  test('measure-file prints the digest of any file, of an empty one the right one', async () => {
    const [empty, hello] = [join(work, 'empty'), join(work, 'hello')];
    writeFileSync(empty, '');
    writeFileSync(hello, 'hello world');
    expect(await run('measure-file', empty, hello)).toEqual({
      status: 0,
      out: '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95\n1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64\n',
      err: '',
    });
  });

  test('as JSON they say the same', async () => {
    const paths = (await entriesOf('ls', attributes)).map(({ path }) => path);
    expect(paths).toContain('/usr/share/<img src=x onerror=alert(1)>');
    expect(paths).toHaveLength((await run('ls', attributes)).out.split('\n').length - 1);
    expect(await entriesOf('dump', '--filter', 'bin', attributes)).toMatchObject([
      { path: '/', kind: 'directory' },
      { path: '/bin', kind: 'symlink', target: 'usr/bin', modeText: 'lrwxrwxrwx' },
    ]);
    const { objects } = (await json('objects', attributes)) as { readonly objects: readonly string[] };
    expect(objects.map((path) => `${path}\n`).join('')).toBe((await run('objects', attributes)).out);
    expect(await json('objects', validImage('plain.erofs'))).toEqual({ objects: [] });
    expect(await json('measure-file', attributes)).toMatchObject({
      algorithm: 'sha256',
      files: [{ file: attributes }],
    });
  });
});

/** Of all entries that have one. */
const statuses = async (...argv: readonly string[]): Promise<unknown[]> =>
  (await entriesOf('tree', ...argv)).flatMap(({ verity }) => (verity === undefined ? [] : [verity]));

describe('tree', () => {
  test('draws what tree(1) draws, with mode, size, object and status', async () => {
    const { out, status } = await run('tree', wounded);
    const text = Buffer.from(out, 'latin1').toString().split('\n').slice(1);
    expect(status).toBe(0);
    expect(text).toEqual([
      expect.stringMatching(/^├── \[-rw-r--r-- {3}12 KiB\] cut-short @ e7\/[0-9a-f]{62}, size-mismatch$/),
      expect.stringMatching(/^├── .* flipped @ e5\/[0-9a-f]{62}, unchecked$/),
      '├── [-rw-r--r--     33 B] inline, inline',
      expect.stringMatching(/^├── .* missing @ ac\/[0-9a-f]{62}, missing$/),
      expect.stringMatching(/^└── .* right @ ed\/[0-9a-f]{62}, unchecked$/),
      '',
      '0 directories, 5 other entries',
      '',
    ]);
  });

  test('bars go on as far as their directory, and --depth ends it', async () => {
    const { out } = await run('tree', attributes);
    const text = Buffer.from(out, 'latin1').toString();
    expect(text).toContain('│   └── [crw-rw-rw-         ] null\n');
    expect(text).toContain('    └── [drwxr-xr-x         ] share/\n        ├── [-rw-r--r--');
    expect(text).toContain('] opaque/, opaque\n');
    expect(text).toContain('] gone, whiteout\n');
    const shallow = (await run('tree', '--depth', '1', attributes)).out.split('\n');
    expect(shallow.slice(1, -3).map((line) => line.replace(/.*\] /, ''))).toEqual([
      'bin -> usr/bin',
      'dev/',
      'etc/',
      'run/',
      'usr/',
    ]);
  });

  test('shows the stubs only when asked', async () => {
    expect((await run('tree', '--stubs', wounded)).out).toContain('261 other entries');
    expect(await entriesOf('tree', wounded)).toHaveLength(6);
    expect(await entriesOf('tree', '--stubs', wounded)).toHaveLength(262);
  });

  test('takes the stores that are named in place of those beside the image', async () => {
    expect(await statuses(wounded)).toEqual(['size-mismatch', 'unchecked', 'inline', 'missing', 'unchecked']);
    expect(await statuses(wounded, '--store', elsewhere)).toEqual([
      'missing',
      'missing',
      'inline',
      'missing',
      'missing',
    ]);
    expect(await statuses('--store', elsewhere, attributes)).toContain('no-digest');
  });

  test('as JSON has all attributes, a name that is not UTF-8 escaped, and all others as they are', async () => {
    const entries = await entriesOf('tree', attributes);
    const named = (name: string): Record<string, unknown> | undefined =>
      entries.find((entry) => entry['name'] === name);
    expect(named('ping')).toMatchObject({
      depth: 3,
      path: '/usr/bin/ping',
      kind: 'file',
      mode: 0o100755,
      size: 3000,
      mtime: 1_700_000_004,
      mtimeNsec: 123_456_789,
      nlink: 2,
      digest: expect.stringMatching(/^6ad114/),
      redirect: expect.stringMatching(/^6a\/d114/),
      verity: 'unchecked',
    });
    expect(named('ping')?.['xattrs']).toContainEqual({
      name: 'security.capability',
      hex: '0100000200200000000000000000000000000000',
    });
    expect(named('ping6')).toMatchObject({ hardLink: true });
    expect(named('latin\\xe9')).toMatchObject({ path: '/usr/share/latin\\xe9', nameHex: '6c6174696ee9' });
    expect(named('<img src=x onerror=alert(1)>')).not.toHaveProperty('nameHex');
    expect(named('null')).toMatchObject({ kind: 'char', rdev: 259 });
  });
});

describe('stat', () => {
  test('says everything of an entry, xattrs in words', async () => {
    const { out, status } = await run(
      'stat',
      attributes,
      '/usr/bin/ping',
      '/usr/share/latin\\xe9',
      '--store',
      elsewhere,
    );
    expect(status).toBe(0);
    expect(out).toMatch(/^path: {5}\/usr\/bin\/ping\n/);
    expect(out).toContain('mode:     0755 (-rwxr-xr-x)\n');
    expect(out).toContain('links:    2, also /usr/bin/ping6\n');
    expect(out).toContain('modified: 2023-11-14 22:13:24.123456789 UTC\n');
    expect(out).toMatch(/xattr: {4}security\.capability = cap_net_raw\+ep \(inline, byte \d+\)\n/);
    expect(out).toContain(`object:   ${elsewhere}/6a/d114`);
    expect(out).toContain('\n\npath:     /usr/share/latin\\xe9\n');
  });

  test('--raw names the fields of the inode beside their bytes', async () => {
    expect((await run('stat', '--raw', attributes, '/dev/null')).out).toMatch(
      /\n[0-9a-f]{8} {2}b621 +i_mode: 020666: character device\n/,
    );
  });

  test('as JSON has device, place and fields', async () => {
    const [entry] = await entriesOf('stat', attributes, 'dev/null');
    expect(entry).toMatchObject({ path: '/dev/null', device: { major: 1, minor: 3 }, inodeOffset: expect.any(Number) });
    expect(entry?.['fields']).toContainEqual(expect.objectContaining({ name: 'i_mode', hex: 'b621' }));
  });

  test('a path that is not there is an error, and the others are answered', async () => {
    const { out, err, status } = await run('stat', attributes, '/nope', '/dev');
    expect({ status, err }).toEqual({
      status: 3,
      err: `composcope: ${attributes}: /nope: no such entry in the image\n`,
    });
    expect(out).toMatch(/^path: {5}\/dev\n/);
  });

  test('a broken entry is an error, a sound one of a broken image is none', async () => {
    expect((await run('stat', broken, '/etc/hostname')).status).toBe(0);
    const { out, err, status } = await run('stat', broken, '/etc/shadowless');
    expect(status).toBe(3);
    expect(out).toContain('error:    the inode of nid 4294967040');
    expect(err).toMatch(/: \/etc\/shadowless: the inode of nid 4294967040 .* \(byte \d+\)\n$/);
  });
});

describe('cat', () => {
  test('gives content of the image and of a store', async () => {
    expect(await run('cat', attributes, '/etc/hostname', '/etc/secret')).toMatchObject({
      out: 'fixture\nnot telling\n',
    });
    const { out, status } = await run('cat', attributes, '/usr/share/data.json', '--store', elsewhere);
    expect({ status, name: (JSON.parse(out) as { readonly name: string }).name }).toEqual({
      status: 0,
      name: 'fixture',
    });
  });

  test('follows symlinks inside the image', async () => {
    const direct = await run('cat', attributes, '/usr/bin/ping', '--store', elsewhere);
    expect(direct.out).toHaveLength(3000);
    expect(await run('cat', attributes, '/etc/../bin//ping', '--store', elsewhere)).toEqual(direct);
  });

  test('as JSON is text or base64', async () => {
    expect(await json('cat', attributes, '/etc/hostname')).toEqual({
      image: attributes,
      files: [{ path: '/etc/hostname', size: 8, text: 'fixture\n' }],
    });
    const { files } = (await json('cat', attributes, '/usr/bin/ping', '--store', elsewhere)) as {
      readonly files: readonly { readonly base64: string }[];
    };
    expect(Buffer.from(files[0]?.base64 ?? '', 'base64')).toHaveLength(3000);
  });

  test.each([
    ['/flipped', 1, /the object's digest is sha256:[0-9a-f]{64}, the image says e57a20/],
    ['/cut-short', 1, /the object has \d+ bytes, the image says \d+\n/],
    ['/missing', 3, /no such file/],
    ['/', 3, /not a regular file: it has no content/],
    ['/nope', 3, /no such entry in the image/],
  ])('of %s ends with %i and says why', async (path, status, why) => {
    const outcome = await run('cat', wounded, path);
    expect(outcome.status).toBe(status);
    expect(outcome.err).toMatch(why);
    expect(outcome.err.split('\n')).toHaveLength(2);
  });

  test('without a store says that one is needed', async () => {
    expect(await run('cat', attributes, '/usr/share/text')).toMatchObject({
      status: 3,
      err: expect.stringContaining('no store is attached'),
    });
  });
});

describe('find', () => {
  test('prints the paths that the filter finds', async () => {
    expect(await run('find', attributes, 'ping')).toEqual({
      status: 0,
      out: '/usr/bin/ping\n/usr/bin/ping6\n',
      err: '',
    });
    expect((await run('find', attributes, wounded, 'ping')).out).toBe(
      `${attributes}:/usr/bin/ping\n${attributes}:/usr/bin/ping6\n`,
    );
    expect((await run('find', attributes, 'latin', '-0')).out).toBe('/usr/share/latin\xe9\0');
    expect(await run('find', attributes, 'no-such-name')).toEqual({ status: 0, out: '', err: '' });
  });

  test('as JSON has the entries', async () => {
    expect(await entriesOf('find', attributes, 'hostname')).toMatchObject([
      { path: '/etc/hostname', verity: 'inline' },
    ]);
  });
});

describe('a filter', () => {
  test('that asks for statuses looks for the objects', async () => {
    expect(await run('find', wounded, 'verity:missing')).toEqual({ status: 0, out: '/missing\n', err: '' });
    expect((await run('find', attributes, 'verity:missing', '--store', elsewhere)).out).toBe('');
  });

  test('that is wrong is wrong usage, with the word that is', async () => {
    const { out, err, status } = await run('find', attributes, 'type:file size:>x');
    expect({ out, status }).toEqual({ out: '', status: 2 });
    expect(err).toMatch(/^composcope: filter, at ">x": [^\n]+\n$/);
  });
});

describe('info', () => {
  test('counts, measures and names the store beside the image', async () => {
    const [image] = ((await json('info', wounded)) as { readonly images: readonly unknown[] }).images;
    const { out } = await run('measure-file', wounded);
    expect(image).toMatchObject({
      kind: 'composefs',
      formatVersion: 0,
      digest: `sha256:${out.trim()}`,
      counts: { entries: 6, objects: 4 },
      stores: [{ dataRoot: fixture('wounded/objects'), found: 3 }],
      statuses: { missing: 1, 'size-mismatch': 1, unchecked: 2 },
      problems: [],
    });
    expect((await run('info', wounded)).out).toMatch(/\nobjects missing: +1\n/);
  });

  test('counts an object once of which two entries expect different things', async () => {
    const [image] = ((await json('info', attributes, '--store', elsewhere)) as { readonly images: readonly unknown[] })
      .images;
    // a file with a digest and one without refer to the same object
    expect(image).toMatchObject({ counts: { objects: 4 }, stores: [{ found: 3 }], statuses: { 'no-digest': 1 } });
  });

  test('lists the problems, once, with their paths', async () => {
    const { out, err, status } = await run('info', broken);
    expect({ err, status }).toEqual({ err: '', status: 3 });
    expect(out).toMatch(/\nerror: +\/etc\/shadowless: the inode of nid \d+ .*\(truncated, byte \d+\)\n/);
  });
});

describe('broken input', () => {
  test('what is sound is printed, and each problem is told with its path and byte', async () => {
    const { out, err, status } = await run('ls', broken);
    expect(status).toBe(3);
    expect(out).toContain('/etc/hostname\n');
    expect(err.split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/^composcope: .*broken\.cfs: \/etc\/broken-layout: .* \(byte \d+\)$/),
      expect.stringMatching(/^composcope: .*broken\.cfs: \/etc\/loop\/around: .* \(byte \d+\)$/),
      expect.stringMatching(/^composcope: .*broken\.cfs: \/etc\/shadowless: .* \(byte \d+\)$/),
    ]);
  });

  test('an image that cannot be opened is told, and the others are listed', async () => {
    const { out, err, status } = await run(
      'ls',
      fixture('cut-off.cfs'),
      '/no/such/file',
      fixture(''),
      '/dev/null',
      wounded,
    );
    expect({ status, out }).toEqual({ status: 3, out: (await run('ls', wounded)).out });
    expect(err.split('\n').slice(0, -1)).toEqual([
      expect.stringMatching(/cut-off\.cfs: expected a superblock .* \(byte 1000\)$/),
      'composcope: /no/such/file: no such file or directory',
      expect.stringMatching(/: a folder, not a file$/),
      'composcope: /dev/null: not a regular file',
    ]);
  });

  test('with --json, errors are JSON too', async () => {
    const { out, err, status } = await run('ls', '--json', '/no/such/file');
    expect({ status, out }).toEqual({ status: 3, out: '{"images":[]}\n' });
    expect(JSON.parse(err)).toEqual({
      error: { code: 'ENOENT', message: 'no such file or directory', file: '/no/such/file' },
    });
  });

  test('a file name that would break the line does not', async () => {
    expect((await run('ls', '/no\nsuch\x1b[2Jfile')).err).toBe(
      'composcope: /no\\x0asuch\\x1b[2Jfile: no such file or directory\n',
    );
  });
});
