import type { BlockPair, BlockRun, BlockStrip } from '../../contract/verify-values.ts';
import { DEFAULT_VERITY_BLOCK, verityAlgorithms } from '../fs-verity.ts';
import type { Evidence } from './evidence.ts';

const BLOCK = DEFAULT_VERITY_BLOCK;
/** Runs of blocks that are told one by one. */
const MAX_RUNS = 4096;

/** Numbers of the blocks below `blocks` whose hashes differ. Both lists hold a hash for each of them. */
export function differingBlocks(a: Uint8Array, b: Uint8Array, blocks: number, digestSize: number): readonly number[] {
  const differing: number[] = [];
  for (let block = 0; block < blocks; block += 1) {
    for (let at = block * digestSize; at < (block + 1) * digestSize; at += 1) {
      if (a[at] === b[at]) continue;
      differing.push(block);
      break;
    }
  }
  return differing;
}

/** Blocks of the object that differ from the good copy, over the length that both have; undefined: nobody can tell. */
export async function blocksThatDiffer(evidence: Evidence): Promise<readonly number[] | undefined> {
  const { expected, found } = evidence;
  const facts = await evidence.content();
  const good = await evidence.goodHashes();
  if (found === undefined || facts?.blockHashes === undefined || good === undefined) return undefined;
  const { digestSize } = verityAlgorithms[expected.algorithm];
  const common = Math.min(facts.size, expected.size);
  const whole = Math.floor(common / BLOCK);
  const differing = differingBlocks(facts.blockHashes, good, whole, digestSize);
  // Where one ends within a block, hashes say nothing of what both have of it.
  if (common > whole * BLOCK && !(await sameRange(evidence, whole * BLOCK, common - whole * BLOCK))) {
    return [...differing, whole];
  }
  return differing;
}

/** Whether the first bytes are those of the good copy. */
export async function sameStart(evidence: Evidence, length: number): Promise<boolean> {
  const differing = await blocksThatDiffer(evidence);
  return differing !== undefined && !differing.some((block) => block * BLOCK < length);
}

async function sameRange(evidence: Evidence, offset: number, length: number): Promise<boolean> {
  const copy = await evidence.goodCopy();
  if (copy === undefined) return false;
  const [ours, good] = [await evidence.readBlock(offset, length), await copy.readBlock(offset, length)];
  return ours.length === good.length && ours.every((byte, index) => byte === good[index]);
}

/** The blocks of the object, good and bad; undefined where there is nothing to compare them with. */
export async function stripOf(evidence: Evidence): Promise<BlockStrip | undefined> {
  const { expected, found } = evidence;
  const facts = await evidence.content();
  if (found === undefined || facts === undefined) return undefined;
  const copy = await evidence.goodCopy();
  const differing = await blocksThatDiffer(evidence);
  const zeroBlock = Math.ceil(facts.zeroFrom / BLOCK);
  const runs: BlockRun[] = [];
  if (differing !== undefined) {
    for (const block of differing) add(runs, block, block >= zeroBlock ? 'zero' : 'differs');
  } else if (facts.zeroFrom < facts.size && zeroBlock < Math.ceil(facts.size / BLOCK)) {
    addMany(runs, zeroBlock, Math.ceil(facts.size / BLOCK), 'zero');
  }
  const [has, wants] = [Math.ceil(facts.size / BLOCK), Math.ceil(expected.size / BLOCK)];
  addMany(runs, Math.max(has, 0), wants, 'absent');
  addMany(runs, Math.max(wants, 0), has, 'extra');
  if (differing === undefined && runs.length === 0) return undefined;
  const kept = runs.slice(0, MAX_RUNS);
  return {
    blockSize: BLOCK,
    blocks: Math.max(has, wants),
    comparedWith: differing === undefined || copy === undefined ? 'nothing: no good copy is known' : copy.path,
    runs: kept,
    omitted: runs.length - kept.length,
    bad: runs.reduce((sum, run) => sum + run.count, 0),
  };
}

function add(runs: BlockRun[], block: number, state: BlockRun['state']): void {
  const last = runs.at(-1);
  if (last !== undefined && last.state === state && last.from + last.count === block) {
    runs[runs.length - 1] = { ...last, count: last.count + 1 };
  } else runs.push({ from: block, count: 1, state });
}

function addMany(runs: BlockRun[], from: number, to: number, state: BlockRun['state']): void {
  if (from >= to) return;
  const last = runs.at(-1);
  if (last !== undefined && last.state === state && last.from + last.count === from) {
    runs[runs.length - 1] = { ...last, count: to - last.from };
  } else runs.push({ from, count: to - from, state });
}

/** The first block that differs from the good copy, on both sides. */
export async function firstPair(evidence: Evidence): Promise<BlockPair | undefined> {
  const copy = await evidence.goodCopy();
  const [block] = (await blocksThatDiffer(evidence)) ?? [];
  if (copy === undefined) return undefined;
  const { expected, found } = evidence;
  const first =
    block ?? (found !== undefined && found.size !== expected.size ? lastCommon(found.size, expected.size) : undefined);
  if (first === undefined) return undefined;
  const offset = first * BLOCK;
  const [ours, good] = [await evidence.readBlock(offset, BLOCK), await copy.readBlock(offset, BLOCK)];
  return { block: first, offset, found: ours, good, ...difference(ours, good) };
}

/** The block in which the shorter of two files ends. */
const lastCommon = (a: number, b: number): number => Math.floor(Math.min(a, b) / BLOCK);

/** Bytes and bits that differ; a byte that one has and the other has not counts as one byte, and as no bit. */
export function difference(a: Uint8Array, b: Uint8Array): { readonly bytes: number; readonly bits: number } {
  let bytes = Math.abs(a.length - b.length);
  let bits = 0;
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    let flipped = (a[at] ?? 0) ^ (b[at] ?? 0);
    if (flipped === 0) continue;
    bytes += 1;
    for (; flipped !== 0; flipped &= flipped - 1) bits += 1;
  }
  return { bytes, bits };
}
