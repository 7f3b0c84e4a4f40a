import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

/** All that a mount could leave behind, as text: two that are equal mean that nothing was left in between. */
export function tracesLeft(): readonly string[] {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => / - (?:erofs|overlay) /.test(line) || line.includes('composcope'));
  const loops = spawnSync('losetup', ['-a'], { encoding: 'utf8' }).stdout.split('\n');
  const superblocks = existsSync('/sys/fs/erofs') ? readdirSync('/sys/fs/erofs') : [];
  const folders = ['journal', 'lower', 'mnt/0'].flatMap((name) => {
    const folder = `/run/composcope/${name}`;
    return existsSync(folder) ? readdirSync(folder).map((entry) => `${folder}/${entry}`) : [];
  });
  return [...mounts, ...loops, ...superblocks, ...folders].filter((line) => line !== '').toSorted();
}
