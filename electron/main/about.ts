import { app } from 'electron';
import type { About } from '../../shared/contract/app-calls.ts';

/** Which Electron runs, as the set-up code says in `COMPOSCOPE_ELECTRON_SOURCE`. */
export function electronSource(named: string | undefined, isPackaged: boolean): About['electronSource'] {
  switch (named) {
    case 'override':
    case 'package':
    case 'development':
    case 'packaged':
      return named;
    default:
      return isPackaged ? 'packaged' : 'package';
  }
}

export const about = (): About => ({
  version: app.getVersion(),
  electron: process.versions.electron ?? '',
  chromium: process.versions['chrome'] ?? '',
  node: process.versions.node,
  electronSource: electronSource(process.env['COMPOSCOPE_ELECTRON_SOURCE'], app.isPackaged),
  licence: 'MIT OR Apache-2.0',
});
