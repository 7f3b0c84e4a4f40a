import { expect, test } from 'vitest';
import { APP_URL, appFileOf, mayLoad } from './app-files.ts';

const ROOT = '/opt/composcope/build/renderer';

test('finds the files of the page, with their content type', () => {
  expect(appFileOf(ROOT, APP_URL)).toEqual({ path: `${ROOT}/index.html`, contentType: 'text/html; charset=utf-8' });
  expect(appFileOf(ROOT, 'app://composcope/assets/a%20b.js?v=1#top')).toEqual({
    path: `${ROOT}/assets/a b.js`,
    contentType: 'text/javascript; charset=utf-8',
  });
});

test('resolves dots as every URL does, never out of the folder', () => {
  expect(appFileOf(ROOT, 'app://composcope/../../../etc/x.json')?.path).toBe(`${ROOT}/etc/x.json`);
  expect(appFileOf(ROOT, 'app://composcope/%2e%2e/%2E%2E/x.json')?.path).toBe(`${ROOT}/x.json`);
});

test.each([
  'app://composcope/..%2f..%2fsecret.json',
  'app://composcope/..%5c..%5csecret.json',
  'app://composcope/%2e%2e%2fsecret.json',
  'app://composcope/a/%2fetc/secret.json',
  'app://composcope//etc/secret.json',
  'app://composcope/%2Fetc%2Fsecret.json',
  'app://composcope/C:%5csecret.json',
  'app://composcope/c:/secret.json',
  'app://composcope/index.html%00.json',
  'app://composcope/%zz.json',
  'app://composcope/',
  'app://composcope/index.html/',
  'app://composcope/passwd',
  'app://composcope/main.exe',
  'app://elsewhere/index.html',
  'app://user@composcope/index.html',
  'app://composcope.evil/index.html',
  'file:///opt/composcope/build/renderer/index.html',
  'https://composcope/index.html',
  'nonsense',
  '',
])('refuses %s', (url) => {
  expect(appFileOf(ROOT, url)).toBeUndefined();
});

test.each([
  ['app://composcope/renderer.js', true],
  ['blob:app://composcope/5d8e0f6c', true],
  ['data:image/png;base64,AA==', true],
  ['devtools://devtools/bundled/inspector.html', true],
  ['https://example.org/', false],
  ['http://127.0.0.1:8080/', false],
  ['file:///etc/passwd', false],
  ['blob:https://example.org/5d8e0f6c', false],
  ['app://composcope.evil/renderer.js', false],
  ['ws://localhost/', false],
  ['ftp://example.org/', false],
])('loads only what is its own: %s', (url, isOwn) => {
  expect(mayLoad(url)).toBe(isOwn);
});
