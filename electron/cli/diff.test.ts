import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './testing.ts';

let folder: string;
let a: string;
let b: string;
const directory = '40755 2 0 0 0 0.0 - - -';
const digest = '52e3b93e7b2a9c4a4ae0ffd7e3b2a8a2f1c6d4c1e9f3ab2e4a1c2d3e4f5a6b7c';
const object = `${digest.slice(0, 2)}/${digest.slice(2)} - ${digest}`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-diff-'));
  a = join(folder, 'a.dump');
  b = join(folder, 'b.dump');
  const lines = (...all: readonly string[]): string => `/ 0 ${directory}\n${all.join('\n')}\n`;
  writeFileSync(
    a,
    lines(`/etc 0 ${directory}`, '/etc/motd 5 100644 1 0 0 0 1.0 - hello -', `/old 4096 100644 1 0 0 0 1.0 ${object}`),
  );
  writeFileSync(
    b,
    lines(`/etc 0 ${directory}`, '/etc/motd 5 100600 1 0 0 0 2.0 - hullo -', `/new 4096 100644 1 0 0 0 1.0 ${object}`),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('each difference has a line, what was renamed is found, and the status is 1', async () => {
  const { status, out } = await run('diff', a, b);
  expect(status).toBe(1);
  expect(out).toContain('R /new  renamed from /old');
  expect(Buffer.from(out, 'latin1').toString()).toMatch(/^M \/etc\/motd {2}.*0644 -rw-r--r-- → 0600 -rw-------/m);
  expect(out).toMatch(/1 changed, 1 renamed\n$/);
});

test('the same is equal, with 0', async () => {
  expect(await run('diff', a, a)).toEqual({ status: 0, out: 'no differences\n', err: '' });
});

test('what is ignored does not count', async () => {
  const { out } = await run('diff', '--ignore', 'mtime,mode', '--ignore', 'content', a, b);
  expect(out).toMatch(/^R \/new {2}renamed from \/old\n1 renamed \(1 ignored\)\n$/);
  expect((await run('diff', '--ignore-paths', 'name:motd|old|new', a, b)).status).toBe(0);
});

test('as JSON it has the same, and as lines of both dumps', async () => {
  const { out } = await run('diff', '--json', a, b);
  const { counts, differences } = JSON.parse(out) as { counts: unknown; differences: { path: string }[] };
  expect(counts).toMatchObject({ statuses: { changed: 1, renamed: 1, added: 0, removed: 0 } });
  expect(differences.map(({ path }) => path)).toEqual(['/etc/motd', '/new']);
  const dump = await run('diff', '--dump', a, b);
  expect(dump.out.split('\n')).toEqual([
    '--- a.dump',
    '+++ b.dump',
    '@@ -3,2 +3,2 @@',
    '-/etc/motd 5 100644 1 0 0 0 1.0 - hello -',
    `-/old 4096 100644 1 0 0 0 1.0 ${object}`,
    '+/etc/motd 5 100600 1 0 0 0 2.0 - hullo -',
    `+/new 4096 100644 1 0 0 0 1.0 ${object}`,
    '',
  ]);
});

test.each([
  [['--ignore', 'colour'], 2, 'not colour'],
  [['--json', '--csv'], 2, 'one of --json, --csv'],
  [['--ignore-paths', 'size:x'], 2, '--ignore-paths'],
])('%j is wrong', async (words, status, sentence) => {
  const outcome = await run('diff', ...words, a, b);
  expect(outcome.status).toBe(status);
  expect(outcome.err).toContain(sentence);
});

test('a side that is not there is told, with 3', async () => {
  const { status, err } = await run('diff', a, join(folder, 'nothing'));
  expect(status).toBe(3);
  expect(err).toContain('no such file');
});

/** A tree whose inner directories have a time, as dump lines. */
const tree = (time: string, text: string): string =>
  `/ 0 40755 2 0 0 0 1.0 - - -\n/file 5 100644 1 0 0 0 1.0 - ${text} -\n/usr 0 40755 2 0 0 0 ${time} - - -\n` +
  `/usr/lib 0 40755 2 0 0 0 ${time} - - -\n/usr/lib/file 5 100644 1 0 0 0 1.0 - hello -\n`;

test('why two differ: implicit parents by their times, and the rest; in JSON too', async () => {
  const c = join(folder, 'c.dump');
  const d = join(folder, 'd.dump');
  writeFileSync(c, tree('5.0', 'hello'));
  writeFileSync(d, tree('1700000000.5', 'hullo'));
  const { status, out } = await run('diff', '--explain', c, d);
  expect(status).toBe(1);
  expect(out).toContain('D03 Times of implicit parent directories (strong)\n  2 of 3 directories differ only in mtime');
  expect(out).toContain('Not explained by a known cause');
  const { explanation } = JSON.parse((await run('diff', '--json', c, d)).out) as { explanation: unknown };
  expect(explanation).toMatchObject({
    causes: [
      { id: 'D03', count: 2 },
      { id: 'unexplained', count: 1 },
    ],
  });
  expect((await run('diff', '--explain', '--stat', c, d)).status).toBe(2);
});

test('HTML and Markdown hold the same, and nothing of an image is markup in them', async () => {
  const evil = join(folder, 'evil.dump');
  writeFileSync(evil, `/ 0 ${directory}\n/<script>alert(1)|\`x 5 100644 1 0 0 0 1.0 - hello -\n`);
  const html = await run('diff', '--html', a, evil);
  expect(html.status).toBe(1);
  expect(html.out).toMatch(/^<!doctype html>/);
  expect(html.out).toContain('&lt;script&gt;alert(1)');
  expect(html.out).not.toMatch(/<script/i);
  expect(html.out).toContain('<h2>Why they differ</h2>');
  const markdown = await run('diff', '--markdown', a, evil);
  expect(markdown.out).toMatch(/^### 2 removed, 1 moved/);
  expect(markdown.out).not.toMatch(/^[^`]*<script/im);
  expect(markdown.out).toContain('| Why |');
});
