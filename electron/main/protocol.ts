import * as fs from 'node:fs/promises';
import { protocol } from 'electron';
import { APP_SCHEME, appFileOf, CONTENT_SECURITY_POLICY } from './app-files.ts';

/** To be called before the app is ready. `standard` gives URLs an origin, `codeCache` saves compiling at each start. */
export function declareAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ]);
}

const headers = (contentType: string): Record<string, string> => ({
  'content-type': contentType,
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
});

/** Serves the page from the files below `root`, and nothing else. */
export function serveApp(root: string): void {
  protocol.handle(APP_SCHEME, async (request) => {
    const file = request.method === 'GET' ? appFileOf(root, request.url) : undefined;
    if (file === undefined) return notFound();
    try {
      return new Response(await fs.readFile(file.path), { headers: headers(file.contentType) });
    } catch {
      return notFound();
    }
  });
}

const notFound = (): Response =>
  new Response('Not found', { status: 404, headers: headers('text/plain; charset=utf-8') });
