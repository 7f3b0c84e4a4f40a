import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run, validImage } from './testing.ts';

const everything = validImage('everything-v1.cfs');

let work = '';
let lower = '';
let upper = '';
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'composcope-layers-'));
  [lower, upper] = [join(work, 'lower'), join(work, 'upper')];
  for (const folder of [lower, upper]) mkdirSync(join(folder, 'd'), { recursive: true });
  writeFileSync(join(lower, 'd', 'a'), 'lower');
  writeFileSync(join(lower, 'd', 'b'), 'of the lower one');
  writeFileSync(join(upper, 'd', 'a'), 'upper!');
  writeFileSync(join(upper, 'c'), '');
});
afterAll(() => rmSync(work, { recursive: true }));

const pathsOf = (out: string): readonly string[] => out.split('\n').map((line) => line.split(' ')[0] ?? '');

describe('layers', () => {
  test('merge gives of one image what dump gives of it, but for overlay’s own', async () => {
    const [merged, dumped] = [await run('merge', everything), await run('dump', everything)];
    expect(merged.status).toBe(0);
    // whiteouts of the lowest layer hide nothing, and do not show
    const whiteouts = dumped.out.split('\n').filter((line) => / 0 20\d+ /.test(line) && / 0 \d+\.\d+ - - -/.test(line));
    const gone = new Set(whiteouts.map((line) => line.split(' ')[0]));
    expect(pathsOf(merged.out)).toEqual(pathsOf(dumped.out).filter((path) => !gone.has(path)));
  });

  test('ls shows what the kernel would', async () => {
    expect((await run('ls', '--layers', lower, upper)).out).toBe('/c\n/d/\t\n/d/a\n/d/b\n');
    expect((await run('ls', '--layers', upper, lower)).out).toBe('/c\n/d/\t\n/d/a\n/d/b\n');
  });

  test('merge --json says where each entry is from, and what it hides', async () => {
    const { out, status } = await run('merge', '--json', lower, upper);
    expect(status).toBe(0);
    const [image] = JSON.parse(Buffer.from(out, 'latin1').toString()).images;
    expect(image.layers.map(({ name }: { name: string }) => name)).toEqual(['lower', 'upper']);
    const entry = (path: string): unknown => image.entries.find((one: { path: string }) => one.path === path);
    expect(entry('/d/a')).toMatchObject({ layer: 2, size: 6, below: [{ layer: 1, how: 'hidden', path: '/d/a' }] });
    expect(entry('/d')).toMatchObject({ layer: 2, below: [{ layer: 1, how: 'merged', path: '/d' }] });
    expect(entry('/d/b')).toMatchObject({ layer: 1 });
  });

  test('stat tells the layer and what it hides', async () => {
    const { out } = await run('stat', '--layers', lower, upper, '--', '/d/a');
    expect(out).toContain('layer:    2 upper, /d/a\n');
    expect(out).toContain('hides:    1 lower, /d/a\n');
  });

  test('cat reads what lies in a tar or a directory from there, without a store', async () => {
    const tar = join(work, 'layer.tgz');
    writeFileSync(join(work, 'in-the-tar'), 'many bytes '.repeat(5000));
    execFileSync('tar', ['-czf', tar, '-C', work, 'in-the-tar']);
    const { out, status } = await run('cat', '--layers', lower, tar, '--', '/in-the-tar', '/d/b');
    expect(status).toBe(0);
    expect(out).toBe(`${'many bytes '.repeat(5000)}of the lower one`);
  });

  test('layers is a table, the uppermost first', async () => {
    const { out } = await run('layers', lower, upper);
    const rows = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rows[0]?.slice(0, 4)).toEqual(['layer', 'entries', 'whiteouts', 'shown']);
    expect([rows[1]?.at(-1), rows[2]?.at(-1)]).toEqual(['upper', 'lower']);
    expect(rows[2]?.slice(7, 9)).toEqual(['21 B', '5 B']);
  });

  test('a layer that is none is told, and nothing is merged without it', async () => {
    const { out, err, status } = await run('merge', lower, join(work, 'nothing'));
    expect({ out, status }).toEqual({ out: '', status: 3 });
    expect(err).toContain('nothing');
  });

  test('a tar is a layer, its whiteouts and opaque directories too', async () => {
    const tar = join(work, 'layer.tar.gz');
    const folder = join(work, 'tar');
    mkdirSync(join(folder, 'd'), { recursive: true });
    writeFileSync(join(folder, 'd', '.wh.a'), '');
    writeFileSync(join(folder, 'e'), 'of the tar');
    execFileSync('tar', ['-C', folder, '-czf', tar, '.']);
    expect((await run('ls', '--layers', lower, tar)).out).toBe('/d/\t\n/d/b\n/e\n');
    expect((await run('cat', '--layers', lower, tar, '--', '/e')).out).toBe('of the tar');
    writeFileSync(join(folder, 'd', '.wh..wh..opq'), '');
    execFileSync('tar', ['-C', folder, '-cf', tar, '.']);
    expect((await run('ls', '--layers', lower, tar)).out).toBe('/d/\t\n/e\n');
    const limited = await run('merge', '--max-entries', '2', tar);
    expect(limited).toMatchObject({ status: 3, out: '', err: expect.stringContaining('--max-entries') });
  });

  test('what is wrong is told once, by the name of its file', async () => {
    const { err } = await run('merge', '--max-entries', '1', lower);
    expect(err).toBe(`composcope: ${lower} has more than 1 entries, which is the limit (--max-entries raises it)\n`);
  });

  test('--layers stands in place of an image', async () => {
    expect(await run('ls', '--layers', lower, '--', upper)).toMatchObject({ status: 2, out: '' });
    expect(await run('tree', upper, '--layers', lower)).toMatchObject({ status: 2, out: '' });
  });

  test('--json and --dump exclude each other', async () => {
    expect((await run('merge', '--json', '--dump', lower)).status).toBe(2);
  });
});
