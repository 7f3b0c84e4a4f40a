import * as path from 'node:path';
import { app, dialog } from 'electron';
import type { BrowserWindow, OpenDialogOptions } from 'electron';
import { safeFileName } from './safe-file-name.ts';

const properties = {
  file: ['openFile', 'multiSelections'],
  folder: ['openDirectory', 'multiSelections'],
  store: ['openDirectory', 'multiSelections'],
} as const;

const titles = {
  file: 'Open an image',
  folder: 'Open a store or a folder with images',
  store: 'Attach the folder that holds the objects',
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

/** Asks where to save; undefined where the user cancelled. */
export async function pickSave(window: BrowserWindow, suggestedName: string): Promise<string | undefined> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: 'Save content as',
    defaultPath: path.join(app.getPath('downloads'), safeFileName(suggestedName)),
    properties: ['showOverwriteConfirmation', 'createDirectory'],
  });
  return canceled || filePath === '' ? undefined : filePath;
}
