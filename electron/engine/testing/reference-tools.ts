import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export type ReferenceTool = 'mkcomposefs' | 'composefs-info' | 'mount.composefs';

/** Path of a program of composefs 1.0.8, on PATH or in the folder that COMPOSCOPE_REFERENCE names; undefined: not here. */
export function referenceTool(name: ReferenceTool): string | undefined {
  const named = process.env['COMPOSCOPE_REFERENCE'];
  const folders = named === undefined ? [] : [join(named, 'bin'), named];
  folders.push(...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''));
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
