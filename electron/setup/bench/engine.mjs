import { engineWork } from './bundle.mjs';
import { inTurns, jsonOf, wallTime } from './measure.mjs';

/** @typedef {import('./statistics.mjs').Row} Row */
/** @typedef {import('./benchmarks.mjs').Context} Context */

/** @param {readonly string[]} args */
const work = (...args) => jsonOf([process.execPath, '--expose-gc', engineWork, ...args]);

/** From open(2) to the table in a fresh Node, against all that `composefs-info ls` does. @param {Context} context @returns {Promise<Row[]>} */
export async function benchOpen({ image, reference, runs }) {
  const ours = async () => {
    const { ms, problems } = /** @type {{ ms: number, problems: number }} */ (await work('open', image.path));
    if (problems > 0) throw new Error(`${image.path} has ${problems} problems: it is not what is to be measured`);
    return ms;
  };
  const samples = await inTurns(runs, ours, () => wallTime([reference.composefsInfo, 'ls', image.path]));
  const { entries } = image;
  return [
    { what: 'open to a full table / info ls', entries, unit: 'ms', ...samples, target: { kind: 'ratio', value: 0.15 } },
  ];
}

/** @param {Context} context @returns {Promise<Row[]>} */
export async function benchMemory({ image, runs }) {
  /** @type {{ table: number, shown: number }[]} */
  const samples = [];
  // the same each time, but for what V8 has not yet thrown away
  for (let index = 0; index < Math.min(runs, 3); index += 1) {
    samples.push(/** @type {{ table: number, shown: number }} */ (await work('memory', image.path)));
  }
  const { entries } = image;
  return [
    {
      what: 'memory an entry, beside the image',
      entries,
      unit: 'B',
      ours: samples.map(({ table }) => table),
      target: { kind: 'most', value: 150 },
    },
    { what: '… with its objects and a view', entries, unit: 'B', ours: samples.map(({ shown }) => shown) },
  ];
}

/** @param {Context} context @returns {Promise<Row[]>} */
export async function benchFilter({ image, runs }) {
  /** @typedef {{ ms: number, matches: number }} Filtered */
  /** @type {{ first: Filtered, warm: Filtered[] }[]} */
  const samples = [];
  for (let index = 0; index < runs; index += 1) {
    samples.push(/** @type {{ first: Filtered, warm: Filtered[] }} */ (await work('filter', image.path)));
  }
  /** @param {string} what @param {(sample: { first: Filtered, warm: Filtered[] }) => Filtered | undefined} of @returns {Row} */
  const row = (what, of) => ({
    what,
    entries: image.entries,
    unit: 'ms',
    ours: samples.map((sample) => of(sample)?.ms ?? Number.NaN),
    target: { kind: 'most', value: 50 },
  });
  const count = (/** @type {number} */ index) => (samples[0]?.warm[index]?.matches ?? 0).toLocaleString('en-US');
  return [
    row('filter a substring, the first one', ({ first }) => first),
    ...[0, 1, 2].map((index) => row(`filter a substring, ${count(index)} matches`, ({ warm }) => warm[index])),
  ];
}
