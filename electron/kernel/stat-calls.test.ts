import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { mtimeMsOf, statOpen, statPath, type FileStat } from './stat-calls.ts';

const folder = mkdtempSync(join(tmpdir(), 'composcope-stat-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What can be held against Node's own call, which knows no nanoseconds without BigInts. */
const shown = (stat: FileStat | undefined): unknown => {
  if (stat === undefined) return undefined;
  const { mode, nlink, uid, gid, size, ino, mtime, mtimeNsec } = stat;
  return { mode, nlink, uid, gid, size, ino, mtimeNs: BigInt(mtime) * 1_000_000_000n + BigInt(mtimeNsec) };
};
function byNode(path: string): unknown {
  const { mode, nlink, uid, gid, size, ino, mtimeNs } = lstatSync(path, { bigint: true });
  const [numbers] = [{ mode, nlink, uid, gid, size, ino }].map((all) =>
    Object.fromEntries(Object.entries(all).map(([name, value]) => [name, Number(value)])),
  );
  return { ...numbers, mtimeNs };
}

it('says of files, folders, symlinks and devices what Node says of them', () => {
  const file = join(folder, 'file');
  writeFileSync(file, 'content');
  symlinkSync('nowhere', join(folder, 'link'));
  for (const path of [file, folder, join(folder, 'link'), '/dev/null']) {
    expect(shown(statPath(path)), path).toEqual(byNode(path));
  }
  const device = lstatSync('/dev/null').rdev;
  expect(statPath('/dev/null')?.rdev).toBe(device);
  const fd = openSync(file, 'r');
  try {
    expect(shown(statOpen(fd))).toEqual(byNode(file));
    expect(mtimeMsOf(statOpen(fd))).toBe(fstatSync(fd).mtimeMs);
    expect(statOpen(fd).identity()).toBe(statPath(file)?.identity());
    expect(statOpen(fd).identity()).not.toBe(statPath(folder)?.identity());
  } finally {
    closeSync(fd);
  }
});

it.each([-1.75, -2_000_000_000.5, 0.25, 4_300_000_000.125])('has times before 1970 and after 2106: %d', (seconds) => {
  const file = join(folder, 'time');
  writeFileSync(file, '');
  utimesSync(file, seconds, seconds);
  expect(shown(statPath(file))).toEqual(byNode(file));
  const stat = statPath(file);
  expect(stat && mtimeMsOf(stat)).toBe(lstatSync(file).mtimeMs);
});

it('has names that are bytes, tells what is not there, and throws what else is wrong', () => {
  const name = Buffer.from(join(folder, 'odd-\xff'), 'latin1');
  writeFileSync(name, 'xyz');
  expect(statPath(name.toString('latin1'))?.size).toBe(3);
  expect(statPath(join(folder, 'none'))).toBeUndefined();
  expect(statPath(join(folder, 'odd-\xff', 'below'))).toBeUndefined();
  expect(() => statPath(join(folder, 'x'.repeat(300)))).toThrow('ENAMETOOLONG');
  expect(() => statPath(`/${'x/'.repeat(3000)}`)).toThrow('ENAMETOOLONG');
  expect(() => statOpen(999_999)).toThrow('EBADF');
});
