// Loads the app folder that is given as the first argument, as Electron's own default app does: an ES module that waits
// for the app, since Electron holds `ready` back until its entry point has loaded, and no longer. Schemes and switches
// must be declared before.
import { app } from 'electron';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const folder = resolve(process.argv.slice(1).find((argument) => !argument.startsWith('-')) ?? '.');
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
