import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { realpath } from 'node:fs/promises';
import type { ExpectedDigest } from '../../shared/contract/verify-values.ts';
import { CommitError, composefsDigestOf } from '../../shared/store/ostree-commit.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';
import { kindAt, readHead } from './stores/folder-listing.ts';
import { StoreError } from './stores/store-error.ts';

/** A commit's metadata may hold a package list. */
const MAX_COMMIT = 16 << 20;
const MAX_LINE = 4096;

/** Digests that an image should have, the nearest first, and what was found but cannot be used. */
export interface ExpectedDigests {
  readonly found: readonly ExpectedDigest[];
  /** Sentences. */
  readonly problems: readonly string[];
}

/**
 * Looks for what says which digest an image should have: a `.digest` file beside it, its name in a composefs-rs
 * repository, the ostree commit that it was deployed from, the command line of the kernel that runs from it.
 */
export async function findExpectedDigests(path: string): Promise<ExpectedDigests> {
  const image = resolve(path);
  const real = await realpath(image).catch(() => image);
  const found: ExpectedDigest[] = [];
  const problems: string[] = [];
  const look = async (work: () => Promise<ExpectedDigest | undefined>): Promise<void> => {
    try {
      const digest = await work();
      if (digest !== undefined) found.push(digest);
    } catch (error) {
      if (!(error instanceof StoreError || error instanceof CommitError || error instanceof NoDigest)) throw error;
      problems.push(error.message);
    }
  };
  const folder = dirname(image);
  const stem = basename(image, extname(image));
  for (const name of new Set([`${basename(image)}.digest`, `${stem}.digest`])) {
    await look(() => besideImage(join(folder, name)));
  }
  for (const one of new Set([image, real])) await look(() => byRepositoryName(one));
  for (const one of new Set([image, real])) await look(() => fromCommit(one));
  await look(() => fromKernel(image, found));
  return { found: unique(found), problems };
}

class NoDigest extends Error {
  override readonly name = 'NoDigest';
}

async function besideImage(path: string): Promise<ExpectedDigest | undefined> {
  const head = await readHead(path, MAX_LINE, { follow: true });
  if (head === undefined) return undefined;
  const [line = ''] = head.toString('utf8').split('\n');
  const parsed = parseDigest(line);
  if ('fault' in parsed) throw new NoDigest(`${path}: ${parsed.fault}`);
  return { ...parsed, source: basename(path) };
}

/** `REPO/images/HEX` has the name of its digest; so has `REPO/objects/aa/rest`, the object that it links to. */
async function byRepositoryName(path: string): Promise<ExpectedDigest | undefined> {
  const parts = path.split('/');
  const name = parts.at(-1) ?? '';
  const isImage = parts.at(-2) === 'images' && /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/.test(name);
  const digits = /^[0-9a-f]{2}$/.test(parts.at(-2) ?? '') ? `${parts.at(-2) ?? ''}${name}` : '';
  const isObject = parts.at(-3) === 'objects' && /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/.test(digits);
  if (!isImage && !isObject) return undefined;
  const repository = join(path, '..', '..', ...(isObject ? ['..'] : []));
  if (
    (await kindAt(join(repository, 'objects'))) === undefined ||
    (await kindAt(join(repository, 'images'))) === undefined
  ) {
    return undefined;
  }
  const digest = isImage ? name : digits;
  return {
    digest,
    algorithm: digest.length === 64 ? 'sha256' : 'sha512',
    source: 'its name in the repository',
    optional: false,
  };
}

/** `…/ostree/deploy/NAME/deploy/CHECKSUM.N/.ostree.cfs`: the commit lies in `…/ostree/repo`. */
async function fromCommit(path: string): Promise<ExpectedDigest | undefined> {
  const match = /^(.*)\/deploy\/[^/]+\/deploy\/([0-9a-f]{64})\.\d+\/[^/]+$/.exec(path);
  const [, ostree, checksum] = match ?? [];
  if (ostree === undefined || checksum === undefined) return undefined;
  const commit = join(ostree, 'repo', 'objects', checksum.slice(0, 2), `${checksum.slice(2)}.commit`);
  const bytes = await readHead(commit, MAX_COMMIT, { follow: true });
  const digest = bytes && composefsDigestOf(bytes);
  if (digest === undefined) return undefined;
  return {
    digest: hexOfBytes(digest),
    algorithm: 'sha256',
    source: `ostree commit ${checksum.slice(0, 8)}…`,
    optional: false,
  };
}

/** Only where the image is the one that this system runs from: its path or another source says the same digest's name. */
async function fromKernel(image: string, others: readonly ExpectedDigest[]): Promise<ExpectedDigest | undefined> {
  if (process.platform !== 'linux') return undefined;
  const line = await readFile('/proc/cmdline', 'utf8').catch(() => '');
  if (!/(?:^|\s)composefs(?:\.digest)?=\??[\w:-]{64,}/.test(line)) return undefined;
  const parsed = parseDigest(line);
  if ('fault' in parsed) return undefined;
  const isOurs =
    others.some(({ digest }) => digest === parsed.digest) || /^(?:\/sysroot)?\/(?:composefs|ostree)\//.test(image);
  return isOurs ? { ...parsed, source: 'kernel command line' } : undefined;
}

const unique = (digests: readonly ExpectedDigest[]): readonly ExpectedDigest[] =>
  digests.filter(
    ({ digest, source }, index) =>
      digests.findIndex((other) => other.digest === digest && other.source === source) === index,
  );
