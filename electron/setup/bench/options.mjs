import { SetupError } from '../say.mjs';

/**
 * @typedef {object} Options
 * @property {readonly number[]} entries sizes of the images that are measured on
 * @property {number} runs how often each thing is measured; the table shows the median
 * @property {readonly string[]} only names of benchmarks; empty: all
 * @property {string | undefined} json file that the numbers are written to
 */

const DEFAULTS = { entries: [100_000, 1_000_000], runs: 5 };

/**
 * What the command line asks for.
 *
 * @param {readonly string[]} args
 * @param {readonly string[]} names of the benchmarks that there are
 * @returns {Options}
 */
export function parseOptions(args, names) {
  const usage = `npm run bench [-- --entries N] [--runs N] [--only NAME] [--json FILE]; NAME: ${names.join(', ')}`;
  const fail = (/** @type {string} */ what) => new SetupError(`${what}. Usage: ${usage}`);
  const entries = [];
  const only = [];
  let { runs } = DEFAULTS;
  /** @type {string | undefined} */
  let json;
  const words = args.flatMap((arg) => {
    const sign = arg.startsWith('--') ? arg.indexOf('=') : -1;
    return sign === -1 ? [arg] : [arg.slice(0, sign), arg.slice(sign + 1)];
  });
  for (let index = 0; index < words.length; index += 2) {
    const option = words[index] ?? '';
    const value = words[index + 1];
    if (!['--entries', '--runs', '--only', '--json'].includes(option)) throw fail(`unknown option ${option}`);
    if (value === undefined) throw fail(`${option} needs a value`);
    const count = Number(value.replaceAll(/[_,]/g, ''));
    switch (option) {
      case '--entries':
        // fewer have no shape that is worth measuring; the image reader's limit is about 15,000,000
        if (!Number.isInteger(count) || count < 1000 || count > 10_000_000) {
          throw fail(`--entries needs a number from 1,000 to 10,000,000, not ${value}`);
        }
        entries.push(count);
        break;
      case '--runs':
        if (!Number.isInteger(count) || count < 1 || count > 100) {
          throw fail(`--runs needs a number from 1 to 100, not ${value}`);
        }
        runs = count;
        break;
      case '--only':
        if (!names.includes(value)) throw fail(`there is no benchmark ${value}`);
        only.push(value);
        break;
      default:
        json = value;
    }
  }
  return { entries: entries.length > 0 ? entries : DEFAULTS.entries, runs, only, json };
}
