import type { Image } from '../../shared/tree/image.ts';
import { findChild, lookup } from '../../shared/tree/path.ts';
import { symlinkTarget } from '../../shared/tree/symlink.ts';
import { bytesOfText, displayBytes } from '../../shared/tree/text.ts';
import { CliError, Status } from './cli-error.ts';

const SLASH = 0x2f;
const DOT = 0x2e;
/** As in the kernel (Linux include/linux/namei.h, MAXSYMLINKS). */
const MAX_LINKS = 40;

/**
 * The row of a path that the user gave: as it is, or with `\xNN` and `\\` as the other commands print them.
 *
 * @throws CliError where there is none
 */
export function lookupPath({ table }: Image, path: string): number {
  const entry = lookup(table, Buffer.from(path)) ?? lookup(table, bytesOfText(path));
  if (entry !== undefined) return entry;
  throw new CliError(Status.input, 'not-found', 'no such entry in the image', { path });
}

/**
 * As `lookupPath`, with symlinks followed inside the image, as a mount would.
 *
 * @throws CliError where there is none, or the links go round in circles
 */
export function followPath(image: Image, path: string): number {
  const literal = follow(image, Buffer.from(path));
  const entry = literal ?? follow(image, bytesOfText(path));
  if (entry !== undefined) return entry;
  throw new CliError(Status.input, 'not-found', 'no such entry in the image, or a symlink to none', { path });
}

function follow(image: Image, path: Uint8Array): number | undefined {
  let directory = 0;
  let rest = path;
  for (let links = 0; rest.length > 0;) {
    const slash = rest.indexOf(SLASH);
    const name = slash === -1 ? rest : rest.subarray(0, slash);
    rest = slash === -1 ? new Uint8Array(0) : rest.subarray(slash + 1);
    const entry = step(image, directory, name);
    if (entry === undefined) return undefined;
    const target = symlinkTarget(image, entry);
    if (target === undefined) {
      directory = entry;
      continue;
    }
    if (++links > MAX_LINKS) {
      throw new CliError(Status.input, 'loop', 'too many symlinks on the way', { path: displayBytes(path) });
    }
    if (target[0] === SLASH) directory = 0;
    rest = Buffer.concat([target, Uint8Array.of(SLASH), rest]);
  }
  return directory;
}

/** One name below a directory; an empty one, as of a doubled slash, is the directory itself. */
function step({ table }: Image, directory: number, name: Uint8Array): number | undefined {
  if (name.length === 0 || (name.length === 1 && name[0] === DOT)) return directory;
  if (name.length === 2 && name[0] === DOT && name[1] === DOT) return table.parent[directory] ?? 0;
  return findChild(table, directory, name);
}
