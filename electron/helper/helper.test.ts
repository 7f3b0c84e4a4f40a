import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aloneWithMounts } from '../kernel/testing/alone-with-mounts.ts';
import { writeFrame } from '../../shared/contract/frames.ts';
import { HELPER_PROTOCOL, MAX_HELPER_REQUEST } from '../../shared/contract/limits.ts';
import { Random } from '../../shared/testing/random.ts';
import { bundled } from './testing/bundled.ts';
import { hindrance } from './testing/can-mount.ts';
import { MountLab } from './testing/lab.ts';
import { RawHelper } from './testing/raw-helper.ts';
import { tracesLeft } from './testing/traces-left.ts';

aloneWithMounts();

/** The helper as a process, as main meets it; and what somebody meets who wants it to do what it should not. */

const why = hindrance();
const hello = { verb: 'hello', protocol: HELPER_PROTOCOL };

const fails = (fault: object) => ({ type: 'failed', fault: expect.objectContaining(fault) as unknown });

describe.skipIf(why !== undefined)(`the helper${why === undefined ? '' : ` (skipped: ${why})`}`, () => {
  let script = '';
  let lab: MountLab;
  let helper: RawHelper;
  let before: readonly string[] = [];

  beforeAll(async () => {
    script = await bundled('helper.ts');
  });
  beforeEach(async () => {
    lab = new MountLab();
    helper = new RawHelper(script);
    expect(await helper.ask(hello)).toMatchObject({ type: 'done', value: { mode: 'any', caller: 0 } });
    before = tracesLeft(); // hello forgets what others had left
  });
  afterEach(async () => {
    await helper.kill();
    lab.close();
    // what somebody else has unmounted, the next helper forgets
    const next = new RawHelper(script);
    await next.ask(hello);
    await next.end();
    // whatever a test did, it left nothing
    expect(tracesLeft()).toEqual(before);
  });

  test('mounts, lists and unmounts', async () => {
    const done = await helper.ask(lab.request());
    expect(done).toMatchObject({ type: 'done', value: { mountpoint: lab.at } });
    expect(readFileSync(join(lab.at, 'etc/fstab'), 'utf8').length).toBeGreaterThan(0);
    const list = await helper.ask({ verb: 'list' });
    expect(list).toMatchObject({
      value: {
        mounts: [{ mountpoint: lab.at, maker: 'Composcope', images: [{ path: lab.image }], stores: [lab.store] }],
      },
    });
    expect(await helper.ask({ verb: 'unmount', what: { mountpoint: lab.at, lazy: false } })).toMatchObject({
      type: 'done',
    });
    expect(readdirSync(lab.at)).toEqual([]);
  });

  test('by name it makes a folder of its own, and removes it with the mount', async () => {
    const done = await helper.ask(lab.request({ at: { name: 'of-a-test' } }));
    const mountpoint = '/run/composcope/mnt/0/of-a-test';
    expect(done).toMatchObject({ value: { mountpoint } });
    expect(await helper.ask({ verb: 'unmount', what: { mountpoint, lazy: false } })).toMatchObject({ type: 'done' });
    expect(existsSync(mountpoint)).toBe(false);
  });

  test('ends with its input, and after what is no message', async () => {
    expect(await helper.end()).toBe(0);
    const other = new RawHelper(script);
    other.write(Buffer.from('GET / HTTP/1.1\r\n\r\n')); // as a length, 1195725856 bytes
    expect(await other.answer()).toEqual(expect.objectContaining(fails({ code: 'invalid-request' })));
    expect(await other.end()).toBe(2);
  });

  test('is not started without a mode, or with another', async () => {
    expect(await new RawHelper(script, 'all').end()).toBe(2);
    expect(await new RawHelper(script, '').end()).toBe(2);
  });

  test('nothing of the environment changes what it does', async () => {
    const other = new RawHelper(script, 'any', { TMPDIR: '/nowhere', HOME: '/nowhere', PATH: '', LD_DEBUG: '' });
    await other.ask(hello);
    expect(await other.ask(lab.request())).toMatchObject({ type: 'done' });
    await other.end();
    lab.unmount();
  });

  test.each([
    ['too large', writeFrame(Buffer.alloc(MAX_HELPER_REQUEST + 1)), 'invalid-request'],
    ['not JSON', writeFrame(Buffer.from('mount it')), 'invalid-request'],
    ['not UTF-8', writeFrame(Buffer.of(0x22, 0xff, 0x22)), 'invalid-request'],
    ['empty', writeFrame(new Uint8Array(0)), 'invalid-request'],
    ['no object', writeFrame(Buffer.from('[]')), 'invalid-request'],
    ['nested deeply', writeFrame(Buffer.from('['.repeat(500_000))), 'invalid-request'],
    [
      'of an unknown verb',
      writeFrame(Buffer.from('{"id":1,"request":{"verb":"exec","path":"/bin/sh"}}')),
      'invalid-request',
    ],
    [
      'of a verb that objects have',
      writeFrame(Buffer.from('{"id":1,"request":{"verb":"__proto__"}}')),
      'invalid-request',
    ],
    [
      'with more than it may have',
      writeFrame(Buffer.from('{"id":1,"request":{"verb":"list","x":1}}')),
      'invalid-request',
    ],
    ['hello a second time', writeFrame(Buffer.from(`{"id":1,"request":${JSON.stringify(hello)}}`)), 'out-of-order'],
  ])('a request that is %s is refused', async (_, bytes, code) => {
    helper.write(bytes);
    expect(await helper.answer()).toMatchObject(fails({ code }));
  });

  test('nothing is done before hello, and not for another protocol', async () => {
    const other = new RawHelper(script);
    expect(await other.ask(lab.request())).toMatchObject(fails({ code: 'out-of-order' }));
    expect(await other.ask({ verb: 'list' })).toMatchObject(fails({ code: 'out-of-order' }));
    expect(await other.ask({ ...hello, protocol: 99 })).toMatchObject(fails({ code: 'invalid-request' }));
    expect(await other.ask({ verb: 'list' })).toMatchObject(fails({ code: 'out-of-order' }));
    await other.end();
  });

  test('a request that comes byte by byte is one request; half of one is none', async () => {
    const frame = writeFrame(Buffer.from('{"id":3,"request":{"verb":"preflight"}}'));
    for (const byte of frame) helper.write(Uint8Array.of(byte));
    expect(await helper.answer()).toMatchObject({ id: 3, type: 'done', value: { verity: true } });
    helper.write(frame.subarray(0, 20));
    expect(await helper.end()).toBe(0);
  });

  const badPaths: readonly (readonly [string, string])[] = [
    ['relative', 'image.cfs'],
    ['with ..', '/tmp/../tmp/x'],
    ['with .', '/tmp/./x'],
    ['with a doubled slash', '//tmp/x'],
    ['with a NUL', '/tmp/x\0y'],
    ['of 10,000 letters', `/${'x'.repeat(10_000)}`],
    ['empty', ''],
  ];
  test.each(badPaths)('a path %s is refused, wherever it stands', async (_, path) => {
    const plans = [
      lab.request({ layers: [{ type: 'image', path }] }),
      lab.request({ stores: [path] }),
      lab.request({ at: { directory: path } }),
      lab.request({ writable: { upper: path, work: lab.store } }),
      { verb: 'unmount', what: { mountpoint: path, lazy: false } },
      { verb: 'measure', path },
      { verb: 'enable-verity', path, algorithm: 'sha256' },
    ];
    for (const request of plans) expect(await helper.ask(request)).toMatchObject(fails({ code: 'invalid-request' }));
  });

  test('a path whose parts are too long is the kernel’s to refuse', async () => {
    const path = `/${'x'.repeat(300)}`;
    const answer = await helper.ask(lab.request({ layers: [{ type: 'image', path }] }));
    expect(answer).toMatchObject(fails({ errno: 'ENAMETOOLONG' }));
  });

  test.each(['..', 'a/b', '.hidden', '', 'x'.repeat(101), 'a\nb', '-rf'])('%j is no name of a folder', async (name) => {
    expect(await helper.ask(lab.request({ at: { name } }))).toMatchObject(fails({ code: 'invalid-request' }));
  });

  test.each(['a,b', 'a:b', 'a\\b', 'a b', 'a\nb', 'a"b', "a'b", 'ä€', '-o x', 'a\\,b:c d', '#x', '%s'])(
    'paths with %j work: of image, store and mount point',
    async (name) => {
      const folder = lab.make(name);
      const [image, store, at] = [join(folder, `${name}.cfs`), join(folder, `${name}-store`), lab.make(`${name}/at`)];
      renameSync(lab.image, image);
      renameSync(lab.store, store);
      const plan = lab.request({ layers: [{ type: 'image', path: image }], stores: [store], at: { directory: at } });
      expect(await helper.ask(plan)).toMatchObject({ type: 'done', value: { mountpoint: at } });
      expect(readFileSync(join(at, 'etc/fstab')).length).toBeGreaterThan(0);
      const list = await helper.ask({ verb: 'list' });
      expect(list).toMatchObject({
        value: { mounts: [{ mountpoint: at, stores: [store], images: [{ path: image }] }] },
      });
      const gone = await helper.ask({ verb: 'unmount', what: { mountpoint: at, lazy: false } });
      expect(gone).toMatchObject({ type: 'done' });
    },
  );

  test('no symlink is followed, neither at the end of a path nor on the way', async () => {
    symlinkSync(lab.image, join(lab.folder, 'link.cfs'));
    symlinkSync(lab.folder, join(lab.folder, 'folder'));
    for (const path of [join(lab.folder, 'link.cfs'), join(lab.folder, 'folder', 'image.cfs')]) {
      const answer = await helper.ask(lab.request({ layers: [{ type: 'image', path }] }));
      expect(answer).toMatchObject(fails({ reason: 'symlink', path }));
    }
    const store = join(lab.folder, 'folder', 'objects');
    expect(await helper.ask(lab.request({ stores: [store] }))).toMatchObject(fails({ reason: 'symlink', path: store }));
    const directory = join(lab.folder, 'folder', 'at');
    expect(await helper.ask(lab.request({ at: { directory } }))).toMatchObject(fails({ reason: 'symlink' }));
    const at = `/proc/${process.pid}/cwd`; // a magic link
    expect(await helper.ask(lab.request({ at: { directory: at } }))).toMatchObject(fails({ reason: 'symlink' }));
  });

  test('only an empty folder is mounted on, and only an image that is a file is mounted', async () => {
    writeFileSync(join(lab.at, 'mine'), 'not to be hidden');
    expect(await helper.ask(lab.request())).toMatchObject(fails({ reason: 'mountpoint-not-empty' }));
    rmSync(join(lab.at, 'mine'));
    spawnSync('mkfifo', [join(lab.folder, 'fifo')]);
    for (const path of [join(lab.folder, 'fifo'), lab.store, '/dev/null']) {
      const answer = await helper.ask(lab.request({ layers: [{ type: 'image', path }] }));
      expect(answer).toMatchObject(fails({ reason: 'not-a-file', path }));
    }
    const answer = await helper.ask(lab.request({ at: { directory: lab.image } }));
    expect(answer).toMatchObject(fails({ reason: 'not-a-directory' }));
  });

  test('does not unmount what is no composefs mount', async () => {
    spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', lab.at]);
    const what = { mountpoint: lab.at, lazy: false };
    expect(await helper.ask({ verb: 'unmount', what })).toMatchObject(fails({ reason: 'not-composefs' }));
    lab.unmount();
    expect(await helper.ask({ verb: 'unmount', what })).toMatchObject(fails({ reason: 'not-mounted' }));
    for (const mountpoint of ['/', '/proc', '/dev']) {
      const answer = await helper.ask({ verb: 'unmount', what: { mountpoint, lazy: true } });
      expect(answer).toMatchObject(fails({ code: expect.stringMatching(/not-allowed|failed/) }));
    }
  });

  test('in the mode of verified mounts, nothing is mounted that is not verified', async () => {
    const verified = new RawHelper(script, 'verified');
    await verified.ask(hello);
    const digest = '0'.repeat(64);
    const layers = [{ type: 'image', path: lab.image, digest }] as const;
    const refused = [
      lab.request(),
      lab.request({ layers }),
      lab.request({ layers, verity: 'require', allow: { suid: true, dev: false, exec: true } }),
      lab.request({ layers, verity: 'require', writable: { upper: lab.make('u'), work: lab.make('w') } }),
      lab.request({ layers: [...layers, { type: 'directory', path: lab.store }], verity: 'require' }),
    ];
    for (const request of refused) expect(await verified.ask(request)).toMatchObject(fails({ code: 'not-allowed' }));
    // and what is, is held against its digest
    const wrong = await verified.ask(lab.request({ layers, verity: 'require' }));
    expect(wrong).toMatchObject(fails({ reason: 'digest-mismatch' }));
    spawnSync('mount', ['-t', 'erofs', '-o', 'ro,loop', lab.image, lab.at]);
    const foreign = await verified.ask({ verb: 'unmount', what: { mountpoint: lab.at, lazy: false } });
    expect(foreign).toMatchObject(fails({ code: 'not-allowed' }));
    spawnSync('umount', [lab.at]);
    await verified.end();
  });

  test('two helpers at once mount the same image at once, and each takes its own away', async () => {
    const helpers = await Promise.all(
      [0, 1, 2, 3].map(async () => {
        const one = new RawHelper(script);
        await one.ask(hello);
        return one;
      }),
    );
    const places = helpers.map((_, index) => lab.make(`at-${index}`));
    for (let round = 0; round < 5; round += 1) {
      const asked = helpers.map((one, index) => one.ask(lab.request({ at: { directory: places[index] ?? '' } })));
      for (const answer of await Promise.all(asked)) expect(answer).toMatchObject({ type: 'done' });
      const gone = helpers.map((one, index) =>
        one.ask({ verb: 'unmount', what: { mountpoint: places[index] ?? '', lazy: false } }),
      );
      for (const answer of await Promise.all(gone)) expect(answer).toMatchObject({ type: 'done' });
    }
    // the same folder: it is empty for one of them
    const asked = await Promise.all(helpers.map((one) => one.ask(lab.request({ at: { name: 'same' } }))));
    expect(asked.filter((answer) => answer?.type === 'done')).toHaveLength(1);
    const what = { mountpoint: '/run/composcope/mnt/0/same', lazy: false };
    expect(await helper.ask({ verb: 'unmount', what })).toMatchObject({ type: 'done' });
    for (const one of helpers) expect(await one.end()).toBe(0);
  });

  test('10,000 random requests are answered, and do nothing', { timeout: 120_000 }, async () => {
    const random = new Random(20_261);
    for (let count = 0; count < 10_000; count += 1) {
      helper.send({ id: count, request: randomRequest(random) });
      if (count % 100 === 99) {
        for (let answered = 0; answered < 100; answered += 1) {
          expect(await helper.answer()).toMatchObject({ type: 'failed', id: count - 99 + answered });
        }
      }
    }
    expect(await helper.ask({ verb: 'list' })).toMatchObject({ type: 'done' });
  });
});

/** Near enough to a request that many get past the schema, and none is one: the paths lead nowhere. */
function randomRequest(random: Random): unknown {
  const pick = (values: readonly unknown[]): unknown => values[random.int(values.length)];
  const path = (): unknown =>
    pick([
      '/nowhere/x',
      '/nowhere',
      '/',
      '',
      'x',
      '/proc/self/fd/0',
      '/dev/null',
      7,
      null,
      [],
      {},
      '/\u0000',
      '/a/../b',
    ]);
  const list = (make: () => unknown): unknown => pick([[], [make()], [make(), make()], make(), null]);
  const layer = (): unknown =>
    pick([
      { type: pick(['image', 'directory', 'x']), path: path() },
      { type: 'image', path: path(), digest: pick(['0', '0'.repeat(64), 1]) },
      path(),
    ]);
  const plan = {
    kind: pick(['overlay', 'erofs', 'x', null]),
    layers: list(layer),
    stores: list(path),
    verity: pick(['require', 'off', true]),
    at: pick([{ name: pick(['x', '..', 1]) }, { directory: path() }, {}, null]),
    allow: pick([{ suid: false, dev: false, exec: true }, {}, { suid: 1 }]),
  };
  // never a name of ours: that would be a folder
  if (JSON.stringify(plan.at) === '{"name":"x"}') plan.layers = [{ type: 'image', path: '/nowhere/x' }];
  return pick([
    { verb: 'mount', plan, acl: list(() => true) },
    {
      verb: 'unmount',
      what: pick([{ mountpoint: path(), lazy: pick([true, false, 0]) }, { leftover: pick(['0'.repeat(16), 'x']) }, 1]),
    },
    {
      verb: pick(['measure', 'enable-verity']),
      path: pick(['/nowhere/x', '/dev/null', 3]),
      algorithm: pick(['sha256', 'md5']),
    },
    { verb: pick(['hello', 'HELLO', '', 'constructor', 'toString', 3, null]), protocol: random.int(3) },
    random.int(1000),
    null,
    'mount',
  ]);
}
