import { badStatuses, verityStatuses, type VerityStatus } from '../../../shared/contract/status.ts';
import {
  ruleTitles,
  type Explanation,
  type ProblemGroup,
  type ProblemGrouping,
  type ProblemObject,
} from '../../../shared/contract/verify-values.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import { problemObject } from '../explain/failure.ts';
import type { ImageSession } from '../image-session.ts';
import { slices } from '../slices.ts';
import type { StoreVerdict } from './verify-sessions.ts';

interface Problem {
  readonly session: ImageSession;
  readonly object: number;
  readonly entry: number;
}

interface Group {
  readonly title: string;
  readonly status: VerityStatus | undefined;
  readonly problems: Problem[];
  readonly ofStores: StoreVerdict[];
}

/** Explanations that are there, by object. */
export type ExplanationOf = (session: ImageSession, object: number) => Explanation | undefined;

const isBad: readonly boolean[] = verityStatuses.map((status) => badStatuses.has(status));

/** Everything that is wrong with the objects of open images and checked stores, put into groups. A picture of one moment. */
export class ProblemList {
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #explanationOf: ExplanationOf;
  /** Paths that refer to each object, by image: counted when somebody asks. */
  readonly #uses = new Map<ImageSession, Uint32Array>();

  private constructor(groups: ReadonlyMap<string, Group>, explanationOf: ExplanationOf) {
    this.#groups = groups;
    this.#explanationOf = explanationOf;
  }

  static async gather(
    by: ProblemGrouping,
    sessions: readonly ImageSession[],
    ofStores: readonly StoreVerdict[],
    explanationOf: ExplanationOf,
  ): Promise<ProblemList> {
    const groups = new Map<string, Group>();
    const groupOf = (key: string, title: () => string, status?: VerityStatus): Group => {
      let group = groups.get(key);
      if (group === undefined) groups.set(key, (group = { title: title(), status, problems: [], ofStores: [] }));
      return group;
    };
    const breathe = slices();
    for (const session of sessions) {
      const { firstEntry } = await session.indexed;
      const { statuses } = session;
      const { table } = session.image;
      for (let object = 0; object < statuses.length; object += 1) {
        if ((object & 4095) === 0) await breathe();
        const code = statuses[object] ?? 0;
        if (isBad[code] !== true) continue;
        const entry = firstEntry[object] ?? 0;
        const problem = { session, object, entry };
        if (by === 'image') groupOf(`image ${session.id}`, () => session.name).problems.push(problem);
        else if (by === 'folder') {
          const folder = table.parent[entry] ?? 0;
          groupOf(`folder ${session.id} ${folder}`, () => pathOf(table, folder)).problems.push(problem);
        } else {
          const status = session.statusOfObject(object);
          const cause = explanationOf(session, object)?.findings[0]?.rule;
          const title = (): string => (cause === undefined ? status : ruleTitles[cause]);
          groupOf(cause ?? `status ${status}`, title, cause === undefined ? status : undefined).problems.push(problem);
        }
      }
    }
    for (const wrong of ofStores) {
      const { status } = wrong.verdict;
      const root = wrong.store.found.dataRoot;
      const key = by === 'cause' ? `store ${status}` : `store ${root}`;
      const title = (): string => (by === 'cause' ? 'by its name in the store' : root);
      groupOf(key, title, by === 'cause' ? status : undefined).ofStores.push(wrong);
    }
    return new ProblemList(groups, explanationOf);
  }

  /** The largest first. */
  get groups(): readonly ProblemGroup[] {
    return [...this.#groups]
      .map(([key, { title, status, problems, ofStores }]) => ({
        key,
        title,
        status,
        count: problems.length + ofStores.length,
        bytes:
          problems.reduce((sum, { session, entry }) => sum + (session.image.table.size[entry] ?? 0), 0) +
          ofStores.reduce((sum, { verdict }) => sum + (verdict.state?.size ?? 0), 0),
      }))
      .toSorted((a, b) => b.count - a.count);
  }

  /** Some of a group, in tree order; none of one that is no more. */
  rows(key: string, from: number, to: number): readonly ProblemObject[] {
    const group = this.#groups.get(key);
    if (group === undefined) return [];
    const { problems, ofStores } = group;
    const rows = problems.slice(from, to).map(({ session, object, entry }) =>
      problemObject(session, entry, {
        ref: { image: session.id, entry },
        status: session.statusOfObject(object),
        explanation: this.#explanationOf(session, object),
        uses: this.#usesOf(session)[object] ?? 0,
      }),
    );
    const [first, last] = [Math.max(0, from - problems.length), Math.max(0, to - problems.length)];
    return [...rows, ...ofStores.slice(first, last).map((wrong) => storeProblem(wrong))];
  }

  #usesOf(session: ImageSession): Uint32Array {
    let uses = this.#uses.get(session);
    if (uses === undefined) {
      uses = new Uint32Array(session.statuses.length);
      for (const object of session.objectOfEntry) if (object !== -1) uses[object] = (uses[object] ?? 0) + 1;
      this.#uses.set(session, uses);
    }
    return uses;
  }
}

/** An object that is wrong by its own name as a line of the list. */
export const storeProblem = ({ store, name, verdict }: StoreVerdict, explanation?: Explanation): ProblemObject => ({
  ref: { store: store.id, name },
  status: verdict.status,
  cause: explanation?.findings[0]?.rule,
  certainty: explanation?.findings[0]?.certainty,
  redirect: name,
  path: undefined,
  uses: 0,
  size: verdict.state?.size ?? 0,
  imageName: undefined,
});
