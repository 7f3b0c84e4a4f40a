import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CallError } from '../../shared/contract/wire-error.ts';

/**
 * A path as people paste it, as an absolute one: `~/…` is in the home folder, a `file:` URL is what it names.
 * @throws CallError `invalid-path` where it is relative (to what, nobody knows here)
 */
export function parseUserPath(given: string): string {
  const text = given.trim() === '' ? given : given.replace(/[\r\n]+$/, '');
  if (text.startsWith('file://')) return pathOfUrl(text);
  if (text === '~' || text.startsWith('~/')) return join(homedir(), text.slice(1));
  if (!isAbsolute(text)) throw new CallError('invalid-path', 'The path must begin with /.', { file: given });
  return resolve(text);
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new CallError('invalid-path', 'The URL names no file on this computer.', { file: url, cause });
  }
}
