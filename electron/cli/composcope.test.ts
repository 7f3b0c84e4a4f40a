import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, validImage } from './testing.ts';

const hasPerl = spawnSync('perl', ['-MFcntl', '-e', '']).status === 0;

/** The app's folder as it is after a build, with the command line alone. */
let app = '';
let cli = '';
const image = validImage('everything-v1.cfs');

beforeAll(async () => {
  app = realpathSync(mkdtempSync(join(tmpdir(), 'composcope-app-')));
  cli = join(app, 'build/cli/composcope.mjs');
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('composcope.ts', import.meta.url))],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outdir: join(app, 'build/cli'),
    outExtension: { '.js': '.mjs' },
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    metafile: true,
    logLevel: 'silent',
  });
  // 70 ms to load: what the command line needs of the contract is types and small tables. Only who opens a container
  // image, makes one, compares, publishes, or reads what was published waits for what reads a manifest
  const readers = [
    'layers/oci-image.ts',
    'cli/commands/publish.ts',
    'cli/commands/fetch-plan.ts',
    'cli/commands/create-source.ts',
    'cli/commands/diff.ts',
    'cli/commands/explain-digest.ts',
  ];
  const readsManifest = (name: string): boolean => {
    const { entryPoint = '' } = metafile.outputs[name] ?? {};
    return readers.some((reader) => entryPoint.endsWith(reader));
  };
  const entry = Object.keys(metafile.outputs).find((name) => name.endsWith('composcope.mjs')) ?? '';
  const reached = new Set([entry]);
  for (const name of reached) {
    for (const { path } of metafile.outputs[name]?.imports ?? []) if (!readsManifest(path)) reached.add(path);
  }
  const inputs = [...reached].flatMap((name) => Object.keys(metafile.outputs[name]?.inputs ?? {}));
  expect(inputs).toContainEqual(expect.stringContaining('cli/commands/merge.ts'));
  expect(inputs.filter((name) => name.includes('node_modules/zod'))).toEqual([]);
  copyFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), join(app, 'package.json'));
});
afterAll(() => rmSync(app, { recursive: true }));

function composcope(...argv: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...argv], { encoding: 'utf8' });
  return { status, out: stdout, err: stderr };
}

describe('usage', () => {
  test('help and version are printed, with 0', () => {
    expect(composcope('--version')).toEqual({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), err: '' });
    for (const argv of [['help'], ['--help'], ['-h']]) {
      expect(composcope(...argv)).toMatchObject({
        status: 0,
        out: expect.stringContaining('missing-objects'),
        err: '',
      });
    }
    expect(composcope('help', 'find').out).toMatch(/^Usage: composcope find \[options\] <image\.\.\.> <filter>\n/);
    expect(composcope('find', '--help').out).toContain('--print0');
  });

  test.each([
    [['ls'], 'ls needs <image...>; see `composcope help ls`'],
    [['cat', 'x'], 'cat needs <image> <path...>; see `composcope help cat`'],
    [['ls', '--nonsense', 'x'], "unknown option '--nonsense'; see `composcope help`"],
    [['ls', '--jsn', 'x'], "unknown option '--jsn' (Did you mean --json?); see `composcope help`"],
    [['ls', '--depth', '1', 'x'], 'ls has no option --depth; see `composcope help ls`'],
    [['--depth', '1', 'ls', 'x'], 'ls has no option --depth; see `composcope help ls`'],
    [
      ['tree', '--depth', 'x', 'x'],
      "option '--depth <levels>' argument 'x' is invalid. It is a whole number.; see `composcope help`",
    ],
    [['ls', '--filter', 'a/b', 'x'], '--filter takes a single name of the root, not a path: a/b'],
    [['lss'], 'lss: no such command, and no such file; see `composcope help`'],
    [['--json'], '--json needs a command; see `composcope help`'],
  ])('%j is wrong, with 2 and one sentence', (argv, sentence) => {
    const { status, out, err } = composcope(...argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    const message = argv.includes('--json') ? (JSON.parse(err) as { error: { message: string } }).error.message : err;
    expect(message).toBe(argv.includes('--json') ? sentence : `composcope: ${sentence}\n`);
  });
});

describe('output', () => {
  test('standard input is an image too', () => {
    const listed = spawnSync('sh', ['-c', 'cat "$2" | "$0" "$1" ls -', process.execPath, cli, image], {
      encoding: 'utf8',
    });
    expect(listed).toMatchObject({ status: 0, stdout: composcope('ls', image).out, stderr: '' });
    const measured = spawnSync('sh', ['-c', '"$0" "$1" measure-file - <"$2"', process.execPath, cli, image], {
      encoding: 'utf8',
    });
    expect(measured).toMatchObject({ status: 0, stdout: composcope('measure-file', image).out });
  });

  test.each([['ls', image], ['dump', image], ['objects', image], ['tree', '--json', image], ['help']])(
    'a pipe that is closed ends it without a word: %s',
    async (...argv) => {
      const child = spawn(process.execPath, [cli, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.destroy();
      let err = '';
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
      const status = await new Promise((done) => child.once('close', (code) => done(code)));
      expect({ status, err }).toEqual({ status: 141, err: '' });
    },
  );

  test
    .skipIf(!existsSync('/dev/full'))
    .each([['ls', image], ['dump', image], ['tree', image], ['info', '--json', image], ['help']])(
    'a disk that is full is told in one sentence: %s',
    (...argv) => {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(process.execPath, [cli, ...argv], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
      });
      closeSync(full);
      expect(status).toBe(3);
      expect(stderr).toMatch(/^[^\n]*the output cannot be written: no space left on device[^\n]*\n$/);
    },
  );

  test('a full or closed standard error does not stop it', () => {
    const script = '"$0" "$1" ls "$2" /no/such/file 2>/dev/full';
    const { status, stdout } = spawnSync('sh', ['-c', script, process.execPath, cli, image], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 3, stdout: composcope('ls', image).out });
  });

  test.skipIf(!hasPerl)('a reader that is slow on a pipe that does not block gets every byte', async () => {
    // nothing in Node leaves a pipe of a child non-blocking
    const script = 'fcntl(STDOUT, F_SETFL, fcntl(STDOUT, F_GETFL, 0) | O_NONBLOCK) or die; exec @ARGV';
    const images = Array.from({ length: 8 }, () => image);
    const child = spawn('perl', ['-MFcntl', '-e', script, process.execPath, cli, 'dump', ...images], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = new Promise((done) => child.once('close', done));
    await new Promise((done) => setTimeout(done, 500));
    const parts: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => parts.push(chunk));
    expect(await closed).toBe(0);
    expect(Buffer.concat(parts).toString()).toBe(composcope('dump', image).out.repeat(8));
  });

  test.skipIf(process.platform === 'win32')('a FIFO is refused, not waited for', () => {
    const fifo = join(app, 'fifo');
    spawnSync('mkfifo', [fifo]);
    for (const command of ['ls', 'measure-file', 'info']) {
      expect(composcope(command, fifo)).toEqual({
        status: 3,
        out: expect.anything(),
        err: `composcope: ${fifo}: not a regular file\n`,
      });
    }
  });
});

describe('the window', () => {
  test('without Electron, one sentence says so', () => {
    const { status, err } = composcope(fixture('attributes.cfs'));
    expect({ status, err }).toEqual({
      status: 3,
      err: expect.stringMatching(/^composcope: there is no Electron [^\n]*\n$/),
    });
  });

  test('opens on the paths that are given, absolute, and its status is ours', () => {
    const start = join(app, 'electron/setup/start.mjs');
    mkdirSync(join(app, 'electron/setup'), { recursive: true });
    writeFileSync(start, 'console.log(JSON.stringify(process.argv.slice(2))); process.exit(7);');
    const { status, stdout } = spawnSync(process.execPath, [cli, 'package.json', image], {
      cwd: app,
      encoding: 'utf8',
    });
    expect(JSON.parse(stdout)).toEqual([join(app, 'package.json'), image]);
    expect(status).toBe(7);
    expect(composcope().out).toBe('[]\n');
    rmSync(start);
  });
});
