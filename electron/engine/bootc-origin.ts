import { join } from 'node:path';
import type { DigestMatch } from '../../shared/verity/digest-triage.ts';
import { kindAt, listFolder, readHead } from './stores/folder-listing.ts';
import { StoreError } from './stores/store-error.ts';

/** Deployments that are looked at, and bytes of each one's origin file. */
const MAX_DEPLOYMENTS = 1000;
const MAX_ORIGIN = 64 << 10;

/**
 * What bootc calls by digests that look like an image's, in the physical root that a repository is in: a deployment, its
 * kernel and initrd, the manifest of the container image that it came from.
 *
 * @param repository folder with `objects`
 * @see repository.md, section on bootc: `state/deploy/ID/ID.origin`
 */
export async function bootcMatch(hex: string, repository: string): Promise<DigestMatch | undefined> {
  const deployments = join(repository, '..', 'state', 'deploy');
  if ((await kindAt(deployments)) !== 'directory') return undefined;
  const own = join(deployments, hex);
  if ((await kindAt(own)) === 'directory') return { kind: 'bootc', what: 'deployment', where: own };
  const listed = await readable(() => listFolder(deployments, MAX_DEPLOYMENTS));
  for (const name of listed?.entries.keys() ?? []) {
    const where = join(deployments, name, `${name}.origin`);
    const head = await readable(() => readHead(where, MAX_ORIGIN));
    const line = head
      ?.toString('latin1')
      .split('\n')
      .find((text) => text.endsWith(hex));
    const [, key] = /^(digest|manifest_digest)\s*=\s*(?:sha256:)?[0-9a-f]+$/.exec(line ?? '') ?? [];
    if (key !== undefined) return { kind: 'bootc', what: key === 'digest' ? 'boot' : 'manifest', where };
  }
  return undefined;
}

/** Root alone may read a deployment's state: to anybody else it says nothing of a digest, and that is no failure. */
async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return undefined;
  }
}
