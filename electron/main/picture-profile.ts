import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Makes a fresh folder for the settings and caches of a start that only takes a picture. Chromium writes to it until its
 * very end, so that such a start cannot remove its own: each removes those of starts that have ended.
 *
 * @param userData the app's own folder
 * @param pid of this process
 * @returns the new folder's path
 */
export function makePictureProfile(userData: string, pid: number): string {
  const pictures = path.join(userData, 'pictures');
  const own = path.join(pictures, String(pid));
  fs.mkdirSync(pictures, { recursive: true, mode: 0o700 });
  for (const name of fs.readdirSync(pictures)) {
    if (name === String(pid) || !isRunning(Number(name))) {
      fs.rmSync(path.join(pictures, name), { recursive: true, force: true });
    }
  }
  fs.mkdirSync(own, { mode: 0o700 });
  return own;
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0); // signal 0 is not sent: it only asks
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'EPERM';
  }
}
