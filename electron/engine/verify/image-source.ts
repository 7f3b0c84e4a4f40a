import { digestBytes, redirectBytes } from '../../../shared/tree/row.ts';
import { Flag } from '../../../shared/tree/table.ts';
import type { VerityAlgorithm } from '../../../shared/verity/fs-verity.ts';
import type { ImageSession } from '../image-session.ts';
import { latin1, type VerifySource } from './targets.ts';
import type { Verdict } from './verify-run.ts';

/**
 * The distinct objects of an image as something to verify.
 * @param dataRoots in the order of search
 * @param only an entry whose object is to be the only one
 */
export async function imageSource(
  session: ImageSession,
  dataRoots: readonly string[],
  only?: number,
): Promise<VerifySource<Verdict>> {
  const { firstEntry, ofEntry, count } = await session.indexed;
  if (only !== undefined) {
    const object = ofEntry[only] ?? -1;
    const all = await imageSource(session, dataRoots);
    return {
      count: object === -1 ? 0 : 1,
      redirect: () => all.redirect(object),
      measure: () => all.measure(object),
      size: () => all.size(object),
      want: () => all.want(object),
      note: (_, verdict, want) => all.note(object, verdict, want),
    };
  }
  const { table } = session.image;
  const entryOf = (object: number): number => firstEntry[object] ?? 0;
  const algorithmOf = (entry: number): VerityAlgorithm =>
    ((table.flags[entry] ?? 0) & Flag.sha512) === 0 ? 'sha256' : 'sha512';
  return {
    count,
    redirect: (object) => latin1(redirectBytes(table, entryOf(object)) ?? new Uint8Array(0)),
    measure: (object) => `verity-${algorithmOf(entryOf(object))}`,
    size: (object) => table.size[entryOf(object)] ?? 0,
    want: (object) => {
      const entry = entryOf(object);
      const algorithm = algorithmOf(entry);
      const digest = digestBytes(table, entry);
      return { size: table.size[entry] ?? 0, algorithm, digest, measure: `verity-${algorithm}` };
    },
    note: (object, verdict) =>
      session.noteVerdict(object, verdict, verdict.root === undefined ? undefined : dataRoots[verdict.root]),
  };
}
