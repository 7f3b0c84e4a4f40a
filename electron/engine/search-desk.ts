import { SEARCH_JOB, type DigestSearch } from '../../shared/contract/search-values.ts';
import type { ImageSession } from './image-session.ts';
import { searchExpected } from './search-expected.ts';
import type { Workspace } from './workspace.ts';

/** A search that runs, or what it found. */
interface Search {
  readonly circumstances: string;
  readonly abort: AbortController;
  readonly result: Promise<DigestSearch>;
}

/** Searches for what digests are of, one of each image: what was found holds for as long as nothing is other. */
export class SearchDesk {
  readonly #workspace: Workspace;
  readonly #searches = new WeakMap<ImageSession, Search>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /**
   * Searches for a digest, or answers with what was found before.
   *
   * @param digest hex, of SHA-256 or SHA-512
   * @throws the signal's reason
   */
  search(session: ImageSession, digest: string): Promise<DigestSearch> {
    const { jobs, stores } = this.#workspace;
    const { dataRoots } = stores;
    const circumstances = JSON.stringify([dataRoots, digest]);
    const known = this.#searches.get(session);
    if (known?.circumstances === circumstances && !known.abort.signal.aborted) return known.result;
    known?.abort.abort();
    const abort = new AbortController();
    session.closing.signal.addEventListener('abort', () => abort.abort(), { once: true, signal: abort.signal });
    const expected = { digest, algorithm: digest.length === 128 ? 'sha512' : 'sha256' } as const;
    const result = jobs.run(SEARCH_JOB, 'images', (job) => searchExpected(session, expected, dataRoots, job), abort);
    this.#searches.set(session, { circumstances, abort, result });
    result.catch(() => {
      // what failed is tried anew where it is asked for again
      if (this.#searches.get(session)?.abort === abort) this.#searches.delete(session);
    });
    return result;
  }

  /** Nobody looks at it any more. */
  cancel(session: ImageSession): void {
    this.#searches.get(session)?.abort.abort();
    this.#searches.delete(session);
  }
}
