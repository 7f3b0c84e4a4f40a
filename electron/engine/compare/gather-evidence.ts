import type { Evidence } from '../../../shared/tree/diff/explain/evidence.ts';
import type { TreeDiff } from '../../../shared/tree/diff/compare-trees.ts';
import type { JobContext } from '../job-list.ts';
import type { Comparison } from './comparison.ts';
import { contentEvidence } from './content-evidence.ts';
import { upgradedRepository } from './upgraded-repository.ts';

/**
 * What stores and repositories say about two sides beside what their trees say: contents, as far as they are at hand and soon
 * read, and whether the repository is one that was upgraded.
 *
 * @throws the signal's reason
 */
export async function gatherEvidence(
  diff: TreeDiff,
  sides: Comparison['sides'],
  dataRoots: readonly string[],
  job: JobContext,
): Promise<Evidence> {
  const paths = [sides.a.session.path, sides.b.session.path];
  return {
    contents: await contentEvidence(diff, sides, dataRoots, job),
    upgraded: await upgradedRepository(paths, dataRoots),
  };
}
