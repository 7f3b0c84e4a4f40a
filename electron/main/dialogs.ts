import * as path from 'node:path';
import { app, dialog } from 'electron';
import type { BrowserWindow, OpenDialogOptions } from 'electron';
import { safeFileName } from './safe-file-name.ts';

const properties = {
  file: ['openFile', 'multiSelections'],
  folder: ['openDirectory', 'multiSelections'],
  store: ['openDirectory', 'multiSelections'],
  // Electron can show files or folders, not both, but on macOS: a layer lies in a folder, too
  copies: ['openDirectory', 'multiSelections'],
  signature: ['openFile'],
  certificate: ['openFile', 'multiSelections'],
  key: ['openFile'],
  layer: ['openDirectory'],
  upper: ['openDirectory', 'createDirectory'],
  work: ['openDirectory', 'createDirectory'],
  mountpoint: ['openDirectory', 'createDirectory'],
} as const;

const titles = {
  file: 'Open an image',
  folder: 'Open a store or a folder with images',
  store: 'Attach the folder that holds the objects',
  copies: 'Where good copies are: a store, a folder, or an OCI layout',
  signature: 'The detached signature over the image digest (PKCS#7)',
  certificate: 'The signer’s certificate, and those above it',
  key: 'The private key to sign with (PEM): it is read when it is used, and not kept',
  layer: 'The directory that is to be a layer',
  upper: 'The directory that is to take what is written',
  work: 'An empty directory beside the upper one',
  mountpoint: 'An empty folder to mount on',
} as const;

const filters = [
  { name: 'Images and dumps', extensions: ['cfs', 'erofs', 'img', 'blob', 'composefs', 'dump'] },
  { name: 'All files', extensions: ['*'] },
];

/** Asks what to open; empty where the user cancelled. */
export async function pickOpen(window: BrowserWindow, what: keyof typeof properties): Promise<readonly string[]> {
  const options: OpenDialogOptions = {
    title: titles[what],
    properties: [...properties[what]],
    // All files first: images have no usual extension, and a name without one must not be hidden.
    ...(what === 'file' ? { filters: filters.toReversed() } : {}),
  };
  const { canceled, filePaths } = await dialog.showOpenDialog(window, options);
  return canceled ? [] : filePaths;
}

const targetTitles = {
  store: 'The folder that the objects go to',
  publication: 'The folder that is to be published',
} as const;

/** Asks for the folder to write to; undefined where the user cancelled. */
export async function pickTargetFolder(
  window: BrowserWindow,
  what: keyof typeof targetTitles,
  suggested: string,
): Promise<string | undefined> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: targetTitles[what],
    properties: ['openDirectory', 'createDirectory'],
    ...(path.isAbsolute(suggested) ? { defaultPath: suggested } : {}),
  });
  return canceled ? undefined : filePaths[0];
}

/** Asks where to save; undefined where the user cancelled. */
export async function pickSave(
  window: BrowserWindow,
  title: string,
  suggestedName: string,
): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title,
    defaultPath: path.join(app.getPath('downloads'), safeFileName(suggestedName)),
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  return canceled || filePath === '' ? undefined : filePath;
}
