import type { CompareFilter, CompareNoise, ComparisonId } from '../../../shared/contract/compare-values.ts';
import type {
  CompareCounts,
  CompareExplanation,
  CompareFormat,
  ComparePair,
  CompareSideInfo,
  CompareState,
  CompareSummary,
  CompareTreemapNode,
  DigestMatrix,
  DownloadPlan,
} from '../../../shared/contract/compare-values.ts';
import type { ContentPart, EntryDetails } from '../../../shared/contract/values.ts';
import { badStatuses, verityStatuses } from '../../../shared/contract/status.ts';
import { CallError } from '../../../shared/contract/wire-error.ts';
import type { Steps } from '../../../shared/steps.ts';
import { diffTreemap, type TreemapOptions } from '../../../shared/tree/diff/diff-treemap.ts';
import { DiffView } from '../../../shared/tree/diff/diff-view.ts';
import { planDownload, type IsStored } from '../../../shared/tree/diff/download.ts';
import { withoutNoise, type Seen } from '../../../shared/tree/diff/noise.ts';
import { pairValues } from '../../../shared/tree/diff/pair-values.ts';
import { countChanges, pathOfRow, topFolders } from '../../../shared/tree/diff/summary.ts';
import { explainDiff } from '../../../shared/tree/diff/explain/explain-diff.ts';
import type { TreeDiff } from '../../../shared/tree/diff/compare-trees.ts';
import { csvReport } from '../../../shared/tree/diff/export/csv.ts';
import { dumpReport } from '../../../shared/tree/diff/export/dump.ts';
import { htmlReport } from '../../../shared/tree/diff/export/html.ts';
import { jsonReport } from '../../../shared/tree/diff/export/json.ts';
import { markdownReport } from '../../../shared/tree/diff/export/markdown.ts';
import type { CompareReport } from '../../../shared/tree/diff/export/report.ts';
import type { AttachedStore } from '../attached-store.ts';
import { readContent } from '../content.ts';
import { entryDetails } from '../entry-details.ts';
import type { ImageSession } from '../image-session.ts';
import type { JobContext } from '../job-list.ts';
import { NO_ROOT, quickCheck } from '../stores/quick-check.ts';
import { inSlices, slices } from '../slices.ts';
import { versionOf } from '../version.ts';
import { digestMatrix } from './digest-matrix.ts';
import { gatherEvidence } from './gather-evidence.ts';

export type SideName = 'a' | 'b';

/** A side that was opened, and whether it is an open image. */
export interface ComparedSide {
  readonly session: ImageSession;
  readonly isOpenImage: boolean;
}

const reports: Readonly<Record<CompareFormat, (report: CompareReport) => Generator<string, void, void>>> = {
  json: jsonReport,
  csv: csvReport,
  html: htmlReport,
  markdown: markdownReport,
  dump: dumpReport,
};

/** Two trees that were compared, and how somebody looks at the differences. */
export class Comparison {
  readonly id: ComparisonId;
  readonly sides: Readonly<Record<SideName, ComparedSide>>;
  readonly #diff: TreeDiff;
  readonly #view: DiffView;
  #noise: CompareNoise;
  #seen: Seen;
  #counts: CompareCounts;
  readonly #bytesEqual: boolean | undefined;
  #fault: CompareState['fault'];
  #explained: { readonly places: string; readonly explanation: CompareExplanation } | undefined;

  /** @throws CallError where the noise's paths are no filter */
  constructor(id: ComparisonId, sides: Readonly<Record<SideName, ComparedSide>>, diff: TreeDiff, noise: CompareNoise) {
    this.id = id;
    this.sides = sides;
    this.#diff = diff;
    this.#noise = noise;
    const seen = withoutNoise(diff, noise);
    if ('fault' in seen) {
      // what was remembered from before is not to keep anybody from comparing
      this.#noise = { ...noise, paths: '' };
      this.#fault = { in: 'noise', message: seen.fault.message };
      const without = withoutNoise(diff, this.#noise);
      if ('fault' in without) throw new CallError('invalid-request', without.fault.message);
      this.#seen = without;
    } else this.#seen = seen;
    this.#bytesEqual = areBytesEqual(sides);
    this.#counts = countChanges(diff, this.#seen, this.#bytesEqual);
    this.#view = new DiffView(diff, this.#seen);
  }

  get state(): CompareState {
    return {
      comparison: this.id,
      a: sideInfo(this.sides.a),
      b: sideInfo(this.sides.b),
      total: this.#view.total,
      matches: this.#view.matches,
      filter: this.#view.filter,
      fault: this.#fault,
      noise: this.#noise,
      counts: this.#counts,
    };
  }

  get view(): DiffView {
    return this.#view;
  }

  setNoise(noise: CompareNoise): void {
    const seen = withoutNoise(this.#diff, noise);
    if ('fault' in seen) {
      this.#fault = { in: 'noise', message: seen.fault.message };
      return;
    }
    this.#fault = undefined;
    this.#noise = noise;
    this.#seen = seen;
    this.#counts = countChanges(this.#diff, seen, this.#bytesEqual);
    this.#view.setSeen(seen);
  }

  setFilter(filter: CompareFilter): void {
    const message = this.#view.setFilter(filter);
    this.#fault = message === undefined ? undefined : { in: 'filter', message };
  }

  /** @throws CallError where there is no such row */
  check(row: number): void {
    if (row >= this.#diff.count) throw new CallError('invalid-request', `Comparison ${this.id} has no row ${row}.`);
  }

  /** Both sides of a row, of what was moved with its other place. */
  async pair(row: number, stores: readonly AttachedStore[]): Promise<ComparePair> {
    this.check(row);
    const partner = this.#diff.partner.get(row);
    const place = (side: SideName): { readonly row: number; readonly entry: number } | undefined => {
      for (const at of [row, partner]) {
        const entry = at === undefined ? -1 : this.#entryAt(side, at);
        if (at !== undefined && entry >= 0) return { row: at, entry };
      }
      return undefined;
    };
    const [a, b] = [place('a'), place('b')];
    return {
      row: this.#view.row(row),
      pathA: a && pathOfRow(this.#diff, a.row),
      pathB: b && pathOfRow(this.#diff, b.row),
      values: pairValues(this.#diff, this.#seen, row),
      a: a && (await this.#details('a', a.entry, stores)),
      b: b && (await this.#details('b', b.entry, stores)),
    };
  }

  /** @throws as `readContent`; CallError where that side has no such name */
  content(
    side: SideName,
    row: number,
    dataRoots: readonly string[],
    { offset, length }: { readonly offset: number; readonly length: number },
  ): Promise<ContentPart> {
    this.check(row);
    const entry = this.#entryAt(side, row);
    if (entry < 0) throw new CallError('invalid-request', `Row ${row} is not in ${side.toUpperCase()}.`);
    const place = this.sides[side].session.place(entry);
    return readContent(place.session, place.entry, dataRoots, offset, length);
  }

  async summary(stores: readonly AttachedStore[], signal: AbortSignal): Promise<CompareSummary> {
    return {
      counts: this.state.counts,
      folders: topFolders(this.#diff, this.#seen),
      download: await this.download(stores, signal),
    };
  }

  /** All differences but noise, as text. */
  async export(format: CompareFormat, stores: readonly AttachedStore[], job: JobContext): Promise<string> {
    const isWhole = format !== 'csv' && format !== 'dump';
    const download = isWhole ? await this.download(stores, job.signal) : undefined;
    const roots = stores.map(({ found }) => found.dataRoot);
    const explanation = isWhole ? await this.explain(roots, job) : undefined;
    const breathe = slices();
    const parts: string[] = [];
    for (const part of reports[format](this.report(download, explanation))) {
      parts.push(part);
      await breathe();
      job.signal.throwIfAborted();
    }
    return parts.join('');
  }

  /** Where the differences are, noise left out. */
  treemap(row: number, options: TreemapOptions): CompareTreemapNode | undefined {
    return diffTreemap(this.#diff, this.#seen, row, options);
  }

  /**
   * Why the two differ; what is noise to somebody is a cause all the same.
   *
   * @param dataRoots of stores, whose objects may say more of it
   * @throws the signal's reason
   */
  async explain(dataRoots: readonly string[], job: JobContext): Promise<CompareExplanation> {
    const places = dataRoots.join('\0');
    if (this.#explained?.places === places) return this.#explained.explanation;
    const evidence = await gatherEvidence(this.#diff, this.sides, dataRoots, job);
    const explanation = await inSlices(explainDiff(this.#diff, { evidence, progress: job.progress }), job.signal);
    this.#explained = { places, explanation };
    return explanation;
  }

  /** The digests that a side’s tree can have. @throws the signal's reason */
  matrix(side: SideName, dataRoots: readonly string[], job: JobContext): Promise<DigestMatrix> {
    return digestMatrix(this.sides, side, dataRoots, job);
  }

  /** All that an export tells. */
  report(download: DownloadPlan | undefined, explanation?: CompareExplanation): CompareReport {
    const { a, b, counts } = this.state;
    return {
      version: versionOf(),
      a,
      b,
      noise: this.#noise,
      counts,
      folders: topFolders(this.#diff, this.#seen),
      download,
      explanation,
      diff: this.#diff,
      seen: this.#seen,
    };
  }

  /** What there is to fetch to have B where A is. */
  async download(stores: readonly AttachedStore[], signal: AbortSignal): Promise<DownloadPlan> {
    const { session } = this.sides.b;
    const roots = stores.map(({ found }) => found.dataRoot);
    if (stores.length === 0) return inSlices(this.#plan(session, []), signal);
    const objects = await session.indexed;
    const { root, status } = await quickCheck(session.image, objects, roots, { signal, onProgress: () => undefined });
    const isStored: IsStored = (entry) => {
      const object = objects.ofEntry[entry] ?? -1;
      const isBad = badStatuses.has(verityStatuses[status[object] ?? 0] ?? 'missing');
      return (root[object] ?? NO_ROOT) !== NO_ROOT && !isBad;
    };
    return inSlices(this.#plan(session, roots, isStored), signal);
  }

  #plan(session: ImageSession, stores: readonly string[], isStored?: IsStored): Steps<DownloadPlan> {
    const imageBytes = isFile(session) ? session.identity.size : undefined;
    return planDownload(this.#diff.a, this.#diff.b, { isStored, stores, imageBytes });
  }

  #entryAt(side: SideName, row: number): number {
    return (side === 'a' ? this.#diff.rowA : this.#diff.rowB)[row] ?? -1;
  }

  async #details(side: SideName, entry: number, stores: readonly AttachedStore[]): Promise<EntryDetails> {
    const place = this.sides[side].session.place(entry);
    const details = await entryDetails(place.session, place.entry, stores);
    return { ...details, row: { ...details.row, entry } };
  }
}

/** Only of files: what is merged or read from a directory has no bytes of its own. */
function areBytesEqual({ a, b }: Comparison['sides']): boolean | undefined {
  if (!isFile(a.session) || !isFile(b.session)) return undefined;
  const { buffer, byteOffset, length } = a.session.image.table.bytes;
  return Buffer.from(buffer, byteOffset, length).equals(b.session.image.table.bytes); // many times as fast as a loop
}

const isFile = ({ image: { kind } }: ImageSession): boolean =>
  kind === 'composefs' || kind === 'erofs' || kind === 'cfs';

function sideInfo({ session, isOpenImage }: ComparedSide): CompareSideInfo {
  const { info } = session;
  return {
    name: info.name,
    paths: [info.path],
    title: info.title,
    image: isOpenImage ? info.image : undefined,
    entries: info.counts.entries,
    digest: info.digest,
    problems: session.image.problems.length + session.image.problemsOmitted,
  };
}
