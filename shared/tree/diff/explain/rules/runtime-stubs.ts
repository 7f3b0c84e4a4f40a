import { count } from '../../../../verity/explain/words.ts';
import { S_IFREG } from '../../../table.ts';
import { Change, ONE_SIDED } from '../../change.ts';
import { pathOfRow } from '../../summary.ts';
import { sideNames, type CauseRule, type Delta, type Found, type SideName } from '../delta.ts';
import { each, type Steps } from '../../../../steps.ts';

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
/** What an OCI runtime puts into `/dev`, below which anything may be somebody’s own. */
const DEVICES =
  /^\/dev\/(?:null|zero|full|u?random|tty|console|ptmx|pts|shm|mqueue|hugepages|fd|core|std(?:in|out|err))(?:\/|$)/;

const isInDev = (path: string): boolean => path.startsWith('/dev/') && !DEVICES.test(path);
const sideOf = (delta: Delta, row: number): SideName => (delta.entry('a', row) >= 0 ? 'a' : 'b');

/** A runtime makes it anew, or puts something over it: on one side it is not there, or an empty file. */
function isMade(delta: Delta, row: number): boolean {
  return sideNames.some((side) => {
    const entry = delta.entry(side, row);
    return entry < 0 || (delta.type(side, entry) === S_IFREG && delta.image(side).table.size[entry] === 0);
  });
}

/** D22: files that a container runtime puts into a running container. */
export const runtimeStubs: CauseRule = {
  id: 'D22',
  title: 'Files of the container runtime',
  rule: 'All that is on one side alone, and all whose content differs, is what runtimes put into a running container.',
  knownFrom:
    'podman, buildah, docker: /etc/hosts, /etc/hostname, /etc/resolv.conf, /.dockerenv, /run/.containerenv, /dev (bootc#1064, #2450; buildah#4242).',
  advice: 'Read the image, not a running container.',
  *find(delta): Steps<Found | undefined> {
    const stubs: number[] = [];
    let others = 0;
    /** By side: names that it has alone, without stubs. */
    const alone = { a: 0, b: 0 };
    yield* each(delta.differing, (row) => {
      const bits = delta.left(row) & (ONE_SIDED | CONTENT);
      if (bits === 0) return;
      if (isStub(pathOfRow(delta.diff, row))) {
        stubs.push(row);
        return;
      }
      others += 1;
      if ((bits & ONE_SIDED) !== 0) alone[sideOf(delta, row)] += 1;
    });
    // among other changes, only what shows that it was made says something; and not where much else is gone with it
    const rows =
      others === 0
        ? stubs
        : stubs.filter((row) => {
            const isAlone = (delta.left(row) & ONE_SIDED) !== 0;
            return isMade(delta, row) && !(isAlone && alone[sideOf(delta, row)] > stubs.length);
          });
    const areKnown = rows.every((row) => !isInDev(pathOfRow(delta.diff, row)));
    const explains = new Map<number, number>();
    for (const row of rows) {
      const bits = delta.left(row) & (ONE_SIDED | CONTENT | Change.mtime);
      explains.set(row, bits);
      const above = delta.diff.parent[row] ?? 0;
      // a name that comes or goes sets the time of its directory
      if ((bits & ONE_SIDED) !== 0 && (delta.left(above) & Change.mtime) !== 0 && (explains.get(above) ?? 0) === 0) {
        explains.set(above, Change.mtime);
      }
    }
    return {
      sentence: `${count(rows.length, 'file')} that runtimes make${explains.size > rows.length ? ', and the times of their directories' : ''}.`,
      explains,
      confidence: others === 0 && areKnown ? 'strong' : 'possible',
    };
  },
};
