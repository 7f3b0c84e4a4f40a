import type { EngineHandlers } from '../../../shared/contract/engine-calls.ts';
import type { CompareResponses } from '../../../shared/contract/compare-calls.ts';
import type { Workspace } from '../workspace.ts';

/** Comparisons: what differs between two trees. */
export function compareHandlers(workspace: Workspace): Pick<EngineHandlers, keyof CompareResponses> {
  const { compare: desk, stores, jobs } = workspace;
  return {
    compare: (request) => desk.compare(request),
    closeComparison: ({ comparison }) => {
      desk.close(comparison);
      return undefined;
    },
    swapComparison: ({ comparison }) => desk.swap(comparison),
    setCompareNoise: ({ comparison: id, noise }) => {
      const comparison = desk.get(id);
      comparison.setNoise(noise);
      return comparison.state;
    },
    setCompareFilter: ({ comparison: id, filter }) => {
      const comparison = desk.get(id);
      comparison.setFilter(filter);
      return comparison.state;
    },
    compareRows: ({ comparison, from, to }) => desk.get(comparison).view.rows(from, to),
    setCompareExpanded: ({ comparison: id, row, expanded, recursive }) => {
      const comparison = desk.get(id);
      comparison.check(row);
      comparison.view.setExpanded(row, expanded, recursive);
      return comparison.state;
    },
    revealCompareRow: ({ comparison: id, row }) => {
      const comparison = desk.get(id);
      comparison.check(row);
      const at = comparison.view.reveal(row);
      return { state: comparison.state, at };
    },
    nextDifference: ({ comparison: id, row, direction }) => {
      const comparison = desk.get(id);
      const found = comparison.view.nextDifference(row, direction);
      return found && { state: comparison.state, ...found };
    },
    comparePair: ({ comparison, row }) => desk.get(comparison).pair(row, stores.all),
    compareContent: ({ comparison, row, side, offset, length }) =>
      desk.get(comparison).content(side, row, stores.dataRoots, { offset, length }),
    compareTreemap: ({ comparison: id, row, depth, by }) => {
      const comparison = desk.get(id);
      comparison.check(row);
      return comparison.treemap(row, { depth, by });
    },
    compareExplain: ({ comparison }) => desk.explain(comparison),
    compareMatrix: ({ comparison, side }) => desk.matrix(comparison, side),
    compareSearch: ({ comparison, side, digest }) =>
      workspace.search.search(desk.get(comparison).sides[side].session, digest),
    compareSummary: ({ comparison: id }) => {
      const comparison = desk.get(id);
      return jobs.run('Summing up the differences', 'objects', ({ signal }) => comparison.summary(stores.all, signal));
    },
  };
}
