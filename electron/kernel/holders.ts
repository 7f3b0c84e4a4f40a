import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { Holder } from '../../shared/contract/mount-values.ts';

/** What is told of one process. */
const MAX_HOLDS = 8;

/**
 * Processes that keep a file system busy: by their working directory, root, program, open files or mapped ones. Those of
 * other users are only seen by root.
 *
 * @param device `major:minor` as mountinfo has it
 */
export function holdersOf(device: string): readonly Holder[] {
  const [major = 0, minor = 0] = device.split(':').map(Number);
  const dev = makedev(major, minor);
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const holds = holdsOf(`/proc/${name}`, dev, device);
    const [uid, comm] = [uidOf(pid), commOf(pid)];
    return holds.length === 0 || uid === undefined ? [] : [{ pid, name: comm, uid, holds: holds.slice(0, MAX_HOLDS) }];
  });
}

/** @see Linux include/linux/kdev_t.h, new_encode_dev */
const makedev = (major: number, minor: number): number => (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);

const target = (path: string): string => attempt(() => readlinkSync(path)) ?? '';

function holdsOf(proc: string, dev: number, device: string): readonly string[] {
  const isOn = (path: string): boolean => attempt(() => statSync(path).dev === dev) ?? false;
  const holds: string[] = [];
  const named = { cwd: 'working directory', root: 'root directory', exe: 'program' };
  for (const [link, words] of Object.entries(named)) {
    if (isOn(`${proc}/${link}`)) holds.push(`${words} ${target(`${proc}/${link}`)}`);
  }
  for (const fd of attempt(() => readdirSync(`${proc}/fd`)) ?? []) {
    if (isOn(`${proc}/fd/${fd}`)) holds.push(`open file ${target(`${proc}/fd/${fd}`)}`);
  }
  for (const path of mappedFiles(proc, device)) holds.push(`mapped file ${path}`);
  return holds;
}

/** @see proc(5), /proc/pid/maps: the device is in hexadecimal */
function mappedFiles(proc: string, device: string): ReadonlySet<string> {
  const [major = 0, minor = 0] = device.split(':').map(Number);
  const hex = `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`;
  const maps = attempt(() => readFileSync(`${proc}/maps`, 'utf8')) ?? '';
  return new Set(
    maps.split('\n').flatMap((line) => {
      const [, , , at, , ...path] = line.split(/ +/);
      return at === hex ? [path.join(' ')] : [];
    }),
  );
}

const uidOf = (pid: number): number | undefined => attempt(() => statSync(`/proc/${pid}`).uid);
const commOf = (pid: number): string => attempt(() => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()) ?? '?';

/** undefined: the process ended meanwhile, or is another user's. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
