import { setImmediate } from 'node:timers/promises';
import type { EngineRequest } from '../../../shared/contract/engine-calls.ts';
import { EXPLAIN_JOB, MATRIX_JOB } from '../../../shared/contract/compare-values.ts';
import type {
  CompareExplanation,
  CompareState,
  ComparisonId,
  DigestMatrix,
} from '../../../shared/contract/compare-values.ts';
import type { ImageId } from '../../../shared/contract/values.ts';
import { CallError } from '../../../shared/contract/wire-error.ts';
import type { JobContext } from '../job-list.ts';
import type { Workspace } from '../workspace.ts';
import { Comparison, type ComparedSide, type SideName } from './comparison.ts';
import { compareSides } from './file-digests.ts';
import { openSide } from './open-side.ts';

/** Each keeps both sides: a page that forgets to close them must not fill the memory. */
const MAX_COMPARISONS = 8;

type Side = EngineRequest<'compare'>['a'];

/** A search for causes that runs. */
interface Explaining {
  readonly abort: AbortController;
  readonly explanation: Promise<CompareExplanation>;
}

/** A tree that is being written in each way, or was. */
interface MatrixMade {
  readonly circumstances: string;
  readonly abort: AbortController;
  readonly matrix: Promise<DigestMatrix>;
}

/** The comparisons that the page has open. */
export class CompareDesk {
  readonly #workspace: Workspace;
  readonly #comparisons = new Map<ComparisonId, Comparison>();
  readonly #explaining = new Map<ComparisonId, Explaining>();
  readonly #matrices = new Map<ComparisonId, MatrixMade>();
  #nextId = 0;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** @throws CallError where no such comparison is open */
  get(id: ComparisonId): Comparison {
    const comparison = this.#comparisons.get(id);
    if (comparison === undefined) throw new CallError('invalid-request', `There is no comparison ${id}.`);
    return comparison;
  }

  /** Opens both sides and compares them. @throws as `openSide`; CallError `limit` */
  async compare({ a, b, noise }: EngineRequest<'compare'>): Promise<CompareState> {
    if (this.#comparisons.size >= MAX_COMPARISONS) {
      throw new CallError('limit', `At most ${MAX_COMPARISONS} comparisons can be open.`);
    }
    const comparison = await this.#workspace.jobs.run('Comparing', 'entries', async (job) => {
      const sides = { a: await this.#open(a, job), b: await this.#open(b, job) };
      return this.#start(sides, noise, job);
    });
    return comparison.state;
  }

  /** B against A in place of A against B: another comparison, as its rows are others. */
  async swap(id: ComparisonId): Promise<CompareState> {
    const { sides, state } = this.get(id);
    const swapped = await this.#workspace.jobs.run('Comparing', 'entries', (job) =>
      this.#start({ a: sides.b, b: sides.a }, state.noise, job),
    );
    this.close(id);
    swapped.setFilter(state.filter);
    return swapped.state;
  }

  close(id: ComparisonId): void {
    const sides = this.#comparisons.get(id)?.sides;
    for (const side of sides === undefined ? [] : [sides.a, sides.b]) {
      // an open image is searched for others, too
      if (!side.isOpenImage) this.#workspace.search.cancel(side.session);
    }
    this.#comparisons.delete(id);
    this.#explaining.get(id)?.abort.abort();
    this.#matrices.get(id)?.abort.abort();
    this.#matrices.delete(id);
  }

  /** Why the two sides differ: one job, however often it is asked for. @throws the signal's reason */
  explain(id: ComparisonId): Promise<CompareExplanation> {
    const comparison = this.get(id);
    const running = this.#explaining.get(id);
    if (running !== undefined && !running.abort.signal.aborted) return running.explanation;
    const abort = new AbortController();
    const explanation = this.#workspace.jobs
      .run(EXPLAIN_JOB, 'rules', (job) => comparison.explain(this.#workspace.stores.dataRoots, job), abort)
      .finally(() => {
        if (this.#explaining.get(id)?.abort === abort) this.#explaining.delete(id);
      });
    this.#explaining.set(id, { abort, explanation });
    return explanation;
  }

  /**
   * The digests that a side's tree can have: one job of a comparison, in the place of one for other circumstances. What was
   * found holds as long as these are the same.
   *
   * @throws the signal's reason
   */
  matrix(id: ComparisonId, side: SideName): Promise<DigestMatrix> {
    const comparison = this.get(id);
    const { jobs, stores } = this.#workspace;
    const { dataRoots } = stores;
    const { expected } = comparison.sides[side].session;
    const circumstances = JSON.stringify([side, dataRoots, expected?.digest]);
    const known = this.#matrices.get(id);
    if (known?.circumstances === circumstances && !known.abort.signal.aborted) return known.matrix;
    known?.abort.abort();
    const abort = new AbortController();
    const forget = (): void => {
      if (this.#matrices.get(id)?.abort === abort) this.#matrices.delete(id);
    };
    const matrix = jobs.run(MATRIX_JOB, 'objects', (job) => comparison.matrix(side, dataRoots, job), abort);
    this.#matrices.set(id, { circumstances, abort, matrix });
    // contents that are not in the stores may be there the next time
    matrix.then(({ cells }) => cells.some(({ digest }) => digest === undefined) && forget(), forget);
    return matrix;
  }

  /** An image was closed: nothing is compared with it any more. */
  imageClosed(image: ImageId): void {
    for (const { id, sides } of this.#comparisons.values()) {
      const has = (side: ComparedSide): boolean => side.isOpenImage && side.session.id === image;
      if (has(sides.a) || has(sides.b)) this.close(id);
    }
  }

  async #open(side: Side, job: JobContext): Promise<ComparedSide> {
    if (side.kind === 'image') return { session: this.#workspace.session(side.image), isOpenImage: true };
    const session = await openSide(side.paths, job, { userXattrs: side.userXattrs });
    await othersTurn(job);
    return { session, isOpenImage: false };
  }

  async #start(sides: Comparison['sides'], noise: CompareState['noise'], job: JobContext): Promise<Comparison> {
    const { diff } = await compareSides(sides.a.session, sides.b.session, job);
    await othersTurn(job);
    const comparison = new Comparison(this.#nextId++, sides, diff, noise);
    this.#comparisons.set(comparison.id, comparison);
    return comparison;
  }
}

/** Between two stretches of work. @throws the signal's reason */
async function othersTurn({ signal }: JobContext): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
