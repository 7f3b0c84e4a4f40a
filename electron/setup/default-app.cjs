// Loads the app folder that is given as the first argument, as Electron's own default app does.
const { app } = require('electron');
const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const folder = resolve(process.argv.slice(1).find((argument) => !argument.startsWith('-')) ?? '.');
const { name, productName, version, main, desktopName } = JSON.parse(
  readFileSync(join(folder, 'package.json'), 'utf8'),
);
app.setName(productName ?? name);
app.setVersion(version);
app.setAppPath(folder);
if (desktopName) app.setDesktopName(desktopName);
import(pathToFileURL(join(folder, main)).href).catch((error) => {
  console.error(error);
  process.exit(1);
});
