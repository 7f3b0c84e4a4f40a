import * as z from 'zod';
import { compareRequests, Digest, type CompareResponses } from './compare-calls.ts';
import { SummaryRequest, type SourceSummary } from './create-values.ts';
import { layerRequests, type LayerCounts, type LayersAdded, type StackInfo } from './layer-values.ts';
import { MAX_CONTENT, MAX_ROWS } from './limits.ts';
import {
  CheckPublicationRequest,
  FetchPlanRequest,
  PublishSummaryRequest,
  type FetchPlan,
  type PublicationInfo,
  type PublicationVerdict,
  type PublishSummary,
} from './publish-values.ts';
import type { DigestSearch } from './search-values.ts';
import { sortColumns } from './values.ts';
import { problemGroupings } from './verify-values.ts';
import type {
  FailureDetail,
  OrphanList,
  ProblemGroup,
  ProblemObject,
  Reach,
  RepairResult,
  SignatureReport,
  VerifyState,
} from './verify-values.ts';
import type {
  Completion,
  ContentPart,
  EntryDetails,
  EntryRow,
  FieldValue,
  ImageId,
  ImageInfo,
  JobState,
  Opened,
  ProblemValue,
  StoreInfo,
  TreemapNode,
  Uses,
  ViewState,
  Workspace,
} from './values.ts';

/**
 * Every call that the window may make of the engine, over the MessagePort between them. One entry here, one handler
 * there. The engine parses each request by its schema; responses are ours and typed only.
 */

const Id = z.int().min(0);
const Index = z.int().min(0).max(0xffff_ffff);
const AbsolutePath = z
  .string()
  .min(1)
  .max(4096)
  .refine((path) => !path.includes('\0'), 'holds a NUL');
const FilterText = z.string().max(4096);
const SortRequest = z.strictObject({ column: z.enum(sortColumns), descending: z.boolean() });
const EntryRequest = z.strictObject({ image: Id, entry: Index });

export const engineRequests = {
  /** Opens whatever lies at the path: an image, a store, a folder that holds some. */
  open: z.strictObject({ path: AbsolutePath }),
  closeImage: z.strictObject({ image: Id }),
  /** Attaches a store, last in the order. */
  attachStore: z.strictObject({ path: AbsolutePath }),
  detachStore: z.strictObject({ store: Id }),
  /** New search order: all store ids, each once. */
  orderStores: z.strictObject({ stores: z.array(Id).max(256) }),
  /** Looks again at every object of every open image: there or not, size, readable. A job. */
  recheck: z.strictObject({}),
  /** Computes an image's digest, where that was cancelled. A job. */
  measure: z.strictObject({ image: Id }),
  workspace: z.strictObject({}),
  cancelJob: z.strictObject({ job: Id }),

  createView: z.strictObject({ image: Id, filter: FilterText, sort: SortRequest, showStubs: z.boolean() }),
  closeView: z.strictObject({ view: Id }),
  rows: z
    .strictObject({ view: Id, from: Index, to: Index })
    .refine(({ from, to }) => to >= from && to - from <= MAX_ROWS, `at most ${MAX_ROWS} rows`),
  setExpanded: z.strictObject({ view: Id, entry: Index, expanded: z.boolean(), recursive: z.boolean() }),
  setFilter: z.strictObject({ view: Id, filter: FilterText }),
  setSort: z.strictObject({ view: Id, sort: SortRequest }),
  /** Expands what hides the entry and says its row in the view. */
  reveal: z.strictObject({ view: Id, entry: Index }),
  /** The entry's row as the view is now. */
  rowOf: z.strictObject({ view: Id, entry: Index }),
  /** Expands all directories beside the entry. */
  expandSiblings: z.strictObject({ view: Id, entry: Index }),
  /** The next visible row, wrapping, whose name starts with `prefix` (any case), from row `from` on. */
  typeAhead: z.strictObject({ view: Id, from: Index, prefix: z.string().min(1).max(255) }),
  /** The next or previous row with a problem or a bad status, in tree order, wrapping; reveals it. */
  nextProblem: z.strictObject({ view: Id, entry: Index, direction: z.enum(['next', 'previous']) }),
  completeFilter: z.strictObject({ image: Id, filter: FilterText, cursor: z.int().min(0).max(4096) }),

  /** The entry at a path inside the image (symlinks are not followed). */
  find: z.strictObject({ image: Id, path: z.string().max(65536) }),
  /** Paths for a half-typed one: names below the last `/` first, then a substring of any path; at most 50. */
  completePath: z.strictObject({ image: Id, path: z.string().max(65536) }),
  details: EntryRequest,
  fields: EntryRequest,
  content: z.strictObject({
    image: Id,
    entry: Index,
    offset: z.int().min(0),
    length: z.int().min(0).max(MAX_CONTENT),
  }),
  whereUsed: EntryRequest,
  problems: z.strictObject({ image: Id }),
  /** A directory's subtree, `depth` levels, at most 2000 nodes. */
  treemap: z.strictObject({ image: Id, entry: Index, depth: z.int().min(1).max(4) }),
  /** Selected rows as text for the clipboard. */
  describe: z.strictObject({
    image: Id,
    entries: z.array(Index).min(1).max(100_000),
    format: z.enum(['path', 'digest', 'redirect', 'row', 'json']),
  }),
  /** Hashes the objects of images (none named: of all), and of whole stores. `verifyChanged` tells how it goes. */
  verify: z.strictObject({
    images: z.array(Id).max(256),
    wholeStores: z.array(Id).max(256),
    /** Read what the kernel measured, and what was found right before, too. */
    full: z.boolean(),
    useCache: z.boolean(),
  }),
  pauseVerify: z.strictObject({ paused: z.boolean() }),
  cancelVerify: z.strictObject({}),
  verifyState: z.strictObject({}),
  problemGroups: z.strictObject({ by: z.enum(problemGroupings) }),
  problemRows: z
    .strictObject({ by: z.enum(problemGroupings), key: z.string().max(8192), from: Index, to: Index })
    .refine(({ from, to }) => to >= from && to - from <= MAX_ROWS, `at most ${MAX_ROWS} rows`),
  /** Everything about one bad object, of an image or of a store that was checked by its names; reads it. */
  failure: z.union([EntryRequest, z.strictObject({ store: Id, name: z.string().min(1).max(255) })]),
  /** Replaces bad objects by good copies. No objects: all that are bad. `from`: places to look in besides the stores. */
  repair: z.strictObject({
    objects: z.array(EntryRequest).max(10_000),
    from: z.array(AbsolutePath).max(16),
    keep: z.boolean(),
  }),
  /** Removes a bad object that a repair kept. */
  removeKept: z.strictObject({ path: AbsolutePath }),
  /** The digest that an image should have, as typed or pasted; empty: none. */
  expectDigest: z.strictObject({ image: Id, text: z.string().max(4096) }),
  /** What must be done to the image's tree so that its image has this digest: a job, and what it found before. */
  searchDigest: z.strictObject({ image: Id, digest: Digest }),
  checkSignature: z.strictObject({
    image: Id,
    signature: AbsolutePath,
    certificates: z.array(AbsolutePath).min(1).max(16),
  }),
  orphans: z.strictObject({ store: Id }),
  reach: z.strictObject({}),
  clearVerifyCache: z.strictObject({}),

  /** What an image of a source would hold: a job that writes nothing. Another one ends it. */
  sourceSummary: SummaryRequest,
  /** What a publication would hold: as `sourceSummary`. */
  publishSummary: PublishSummaryRequest,
  /** What was published in a folder, as its manifest says. */
  publication: z.strictObject({ folder: AbsolutePath }),
  /** Reads all that was published, and says what is wrong with it. A job. */
  checkPublication: CheckPublicationRequest,
  /** What a client of a publication must fetch. */
  fetchPlan: FetchPlanRequest,
  ...layerRequests,
  ...compareRequests,
} as const;

export interface EngineResponses extends CompareResponses {
  open: Opened;
  closeImage: undefined;
  attachStore: Opened;
  detachStore: undefined;
  orderStores: undefined;
  recheck: undefined;
  measure: undefined;
  workspace: Workspace;
  cancelJob: undefined;
  createView: ViewState;
  closeView: undefined;
  rows: readonly EntryRow[];
  setExpanded: ViewState;
  setFilter: ViewState;
  setSort: ViewState;
  /** `row` undefined: the filter hides it. */
  reveal: { readonly state: ViewState; readonly row: number | undefined };
  rowOf: number | undefined;
  expandSiblings: ViewState;
  typeAhead: { readonly row: number; readonly entry: number } | undefined;
  nextProblem: { readonly state: ViewState; readonly row: number; readonly entry: number } | undefined;
  completeFilter: readonly Completion[];
  find: { readonly entry: number } | undefined;
  completePath: readonly { readonly entry: number; readonly path: string }[];
  details: EntryDetails;
  fields: readonly FieldValue[];
  content: ContentPart;
  whereUsed: Uses;
  problems: { readonly problems: readonly ProblemValue[]; readonly omitted: number };
  treemap: TreemapNode;
  describe: string;
  verify: VerifyState;
  pauseVerify: undefined;
  cancelVerify: undefined;
  verifyState: VerifyState;
  problemGroups: readonly ProblemGroup[];
  problemRows: readonly ProblemObject[];
  failure: FailureDetail;
  repair: readonly RepairResult[];
  removeKept: undefined;
  expectDigest: undefined;
  searchDigest: DigestSearch;
  checkSignature: SignatureReport;
  orphans: OrphanList;
  reach: readonly Reach[];
  clearVerifyCache: { readonly files: number };
  sourceSummary: SourceSummary;
  publishSummary: PublishSummary;
  publication: PublicationInfo;
  checkPublication: PublicationVerdict;
  fetchPlan: FetchPlan;
  addLayers: LayersAdded;
  changeLayers: StackInfo;
  chooseImage: StackInfo;
  layerReports: readonly LayerCounts[];
  setHidden: ViewState;
  findHidden: { readonly entry: number } | undefined;
}

export type EngineCall = keyof typeof engineRequests;
export type EngineRequest<K extends EngineCall> = z.output<(typeof engineRequests)[K]>;
export type EngineHandlers = {
  readonly [K in EngineCall]: (request: EngineRequest<K>) => EngineResponses[K] | Promise<EngineResponses[K]>;
};

/** What the engine tells the window unasked. */
export interface EngineEvents {
  /** An image's facts changed (digest computed, statuses counted). */
  imageChanged: (image: ImageInfo) => void;
  /** The stores changed: a count came in, one was attached or detached. */
  storesChanged: (stores: readonly StoreInfo[]) => void;
  /** Rows of this image that are on screen may be stale: ask again. */
  rowsChanged: (image: ImageId) => void;
  /** A view's number of rows changed without being asked to (statuses changed under a `verity:` filter). */
  viewChanged: (state: ViewState) => void;
  job: (job: JobState) => void;
  verifyChanged: (state: VerifyState) => void;
  /** The list of problems is another one. */
  problemsChanged: () => void;
}
