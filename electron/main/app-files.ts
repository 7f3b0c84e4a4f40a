import * as path from 'node:path';

/** Where the page lives. A scheme of our own: `file:` would let it reach for any file of the user's. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'composcope';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_URL = `${APP_ORIGIN}/index.html`;

/** Nothing but the app's own files, no script or style inside a page, no connection to anywhere. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What a page of ours may load: its own files, what it made itself, and the developer tools' own files. */
export function mayLoad(url: string): boolean {
  return (
    url.startsWith(`${APP_ORIGIN}/`) ||
    url.startsWith(`blob:${APP_ORIGIN}/`) ||
    url.startsWith('data:') ||
    url.startsWith('devtools://')
  );
}

/** The kinds of file that a build holds; others are not served. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export interface AppFile {
  readonly path: string;
  readonly contentType: string;
}

/**
 * The file that a URL of ours means; undefined where it means none of ours.
 *
 * A URL parser resolves `..` and `%2e%2e`, but leaves `%2f`, `%5c` and `%00` as they are, so that names are looked at
 * again after decoding, one by one.
 *
 * @param root absolute; nothing outside of it is ever answered with (what lies inside may still be a symlink)
 */
export function appFileOf(root: string, url: string): AppFile | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname, username, password } = new URL(url);
  if (protocol !== `${APP_SCHEME}:` || host !== APP_HOST || username !== '' || password !== '') return undefined;
  const names = decodeNames(pathname);
  if (names === undefined) return undefined;
  const file = path.join(root, ...names);
  const contentType = contentTypes[path.extname(file)];
  return contentType !== undefined && file.startsWith(root + path.sep) ? { path: file, contentType } : undefined;
}

function decodeNames(pathname: string): string[] | undefined {
  try {
    const names = pathname.slice(1).split('/').map(decodeURIComponent);
    return names.every(isPlainName) ? names : undefined;
  } catch {
    return undefined; // a `%` that starts no escape
  }
}

/** A colon would be a drive or a stream on Windows. */
const isPlainName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\\:\0]/.test(name);
