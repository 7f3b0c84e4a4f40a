import { chmodSync, linkSync, lchownSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Random } from '../../../../shared/testing/random.ts';

/** Directories that overlayfs can mount over each other, with everything in them that a merge must know. For root. */

const names = ['a', 'b', 'c', 'd', 'e'];
const DEPTH = 3;

type SetXattr = (path: Uint8Array, name: string, value: Uint8Array, size: number, flags: number) => number;
let setXattrCall: SetXattr | undefined;

/** @throws where the file system does not take it */
export function setXattr(path: string | Uint8Array, name: string, value: Uint8Array): void {
  if (setXattrCall === undefined) {
    const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    const call = koffi.load(null).func('int lsetxattr(void *path, str name, void *value, size_t size, int flags)');
    setXattrCall = call as SetXattr;
  }
  const file = Buffer.concat([typeof path === 'string' ? Buffer.from(path) : path, Buffer.of(0)]);
  if (setXattrCall(file, name, value, value.length, 0) !== 0)
    throw new Error(`setxattr ${name} of ${file.toString()} failed`);
}

/** mknod(1), which Node has not. */
function makeNode(path: string, ...args: string[]): void {
  const { status, stderr } = spawnSync('mknod', [path, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

const text = (value: string): Uint8Array => Buffer.from(value);

export interface LayerOptions {
  readonly family: 'trusted' | 'user';
  /** Files whose attributes alone are here, often of data that no layer has. Default: yes. */
  readonly metacopy?: boolean;
}

/** Fills `folder` with one layer. */
export function makeLayer(folder: string, random: Random, { family, metacopy = true }: LayerOptions): void {
  const files: string[] = [];
  const pick = <T>(list: readonly T[]): T => list[random.int(list.length)] as T;
  const chance = (percent: number): boolean => random.int(100) < percent;
  const overlay = (path: string, key: string, value: Uint8Array): void =>
    setXattr(path, `${family}.overlay.${key}`, value);
  /** @param takesUser whether it is a file or a directory: nothing else has attributes in `user.` */
  const attributes = (path: string, takesUser: boolean, isLink = false): void => {
    lchownSync(path, random.int(3) * 1000, random.int(2) * 100);
    if (!isLink) chmodSync(path, pick([0o755, 0o644, 0o600, 0o4711, 0o1777]));
    if (chance(20)) setXattr(path, 'trusted.note', text(`note ${random.int(5)}`));
    if (takesUser && chance(15)) setXattr(path, 'user.mark', text(`mark ${random.int(5)}`));
    if (chance(8)) setXattr(path, 'trusted.overlay.overlay.opaque', text('y'));
    if (takesUser && chance(5)) setXattr(path, 'user.overlay.overlay.escaped', text('e'));
    if (chance(5)) overlay(takesUser ? path : folder, 'impure', text('y'));
    const seconds = random.int(2_000_000_000) - 10_000_000;
    lutimesSync(path, seconds, seconds);
  };
  const somewhere = (): string => `/${Array.from({ length: 1 + random.int(3) }, () => pick(names)).join('/')}`;
  const redirect = (path: string): void => {
    const odd = ['', '//a', '/a/', 'a/b'];
    overlay(path, 'redirect', text(chance(4) ? pick(odd) : chance(50) ? somewhere() : pick(names)));
  };
  const fill = (path: string, depth: number): void => {
    for (const name of names) {
      if (!chance(65)) continue;
      const entry = join(path, name);
      const kind = random.int(100);
      if (kind < 38 && depth < DEPTH) {
        mkdirSync(entry);
        const mark = random.int(100);
        if (mark < 12) overlay(entry, 'opaque', text('y'));
        else if (mark < 35) overlay(entry, 'opaque', text('x'));
        if (chance(10)) redirect(entry);
        fill(entry, depth + 1);
        attributes(entry, true);
      } else if (kind < 58) {
        writeFileSync(entry, `${folder}${entry}`.slice(-random.int(60)));
        attributes(entry, true);
        files.push(entry);
      } else if (kind < 68 && files.length > 0) {
        linkSync(pick(files), entry);
      } else if (kind < 75) {
        symlinkSync(somewhere(), entry);
        attributes(entry, false, true);
      } else if (kind < 83) {
        makeNode(entry, 'c', '0', '0');
      } else if (kind < 86) {
        makeNode(entry, 'p');
        attributes(entry, false);
      } else if (kind < 88) {
        makeNode(entry, 'b', '8', String(random.int(300)));
        attributes(entry, false);
      } else if (kind < 92) {
        // one byte makes it a file like others
        writeFileSync(entry, chance(20) ? 'w' : '');
        overlay(entry, 'whiteout', text(pick(['', 'y'])));
      } else {
        writeFileSync(entry, 'x'.repeat(random.int(40)));
        attributes(entry, true);
        if (!metacopy) continue;
        const digest = Buffer.concat([Buffer.of(0, 36, 0, 1), Buffer.alloc(32, 7)]);
        const value = chance(4) ? text('bad') : chance(50) ? digest : new Uint8Array(0);
        overlay(entry, 'metacopy', value);
        if (chance(60)) redirect(entry);
      }
    }
  };
  fill(folder, 0);
  attributes(folder, true);
}
