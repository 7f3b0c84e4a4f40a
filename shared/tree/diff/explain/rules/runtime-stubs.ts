import { count } from '../../../../verity/explain/words.ts';
import { Change, ONE_SIDED } from '../../change.ts';
import { pathOfRow } from '../../summary.ts';
import type { CauseRule } from '../delta.ts';

const FILES: ReadonlySet<string> = new Set([
  '/etc/hosts',
  '/etc/hostname',
  '/etc/resolv.conf',
  '/etc/mtab',
  '/run/.containerenv',
  '/run/secrets',
  '/.dockerenv',
  '/proc',
  '/sys',
  '/dev',
]);
const CONTENT =
  Change.content | Change.size | Change.digest | Change.redirect | Change.storage | Change.type | Change.target;
const isStub = (path: string): boolean =>
  FILES.has(path) || path.startsWith('/dev/') || path.startsWith('/run/secrets/');

/** D22: files that a container runtime puts into a running container. */
export const runtimeStubs: CauseRule = {
  id: 'D22',
  title: 'Files of the container runtime',
  rule: 'All that is on one side alone, and all whose content differs, is what runtimes put into a running container.',
  knownFrom:
    'podman, buildah, docker: /etc/hosts, /etc/hostname, /etc/resolv.conf, /.dockerenv, /run/.containerenv, /dev.',
  advice: 'Read the image, not a running container.',
  find: (delta) => {
    const explains = new Map<number, number>();
    for (const row of delta.differing) {
      const bits = delta.left(row) & (ONE_SIDED | CONTENT);
      if (bits === 0) continue;
      if (!isStub(pathOfRow(delta.diff, row))) return undefined;
      explains.set(row, bits | (delta.left(row) & Change.mtime));
    }
    return { sentence: `${count(explains.size, 'file')} that runtimes make.`, explains, confidence: 'strong' };
  },
};
