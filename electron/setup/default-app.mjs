// Loads the app folder that is given as the first argument, as Electron's own default app does: an ES module that waits
// for the app, since Electron holds `ready` back until its entry point has loaded, and no longer. Schemes and switches
// must be declared before.
import { app } from 'electron';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const argv = [...process.argv]; // a module that is preloaded may change it
/** @type {string | undefined} */
let given;
for (let index = 1; index < argv.length && given === undefined; index++) {
  const argument = argv[index] ?? '';
  // `-r MODULE` loads one before the app: Playwright holds `ready` back so until it is attached
  if (argument === '-r') createRequire(import.meta.url)(resolve(argv[++index] ?? ''));
  else if (!argument.startsWith('-')) given = argument;
}
const folder = resolve(given ?? '.');
const { name, productName, version, main, desktopName } = JSON.parse(
  readFileSync(join(folder, 'package.json'), 'utf8'),
);
app.setName(productName ?? name);
// these two are not in Electron's documentation; its own default app calls them
const inner = /** @type {typeof app & Record<'setVersion' | 'setAppPath', (value: string) => void>} */ (app);
inner.setVersion(version);
inner.setAppPath(folder);
if (desktopName) app.setDesktopName(desktopName);
await import(pathToFileURL(join(folder, main)).href);
