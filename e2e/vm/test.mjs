import { ensureBuild } from '../../electron/setup/build.mjs';
import { ensureDependencies } from '../../electron/setup/dependencies.mjs';
import { runMain, say, SetupError } from '../../electron/setup/say.mjs';
import { ensureBase } from './base.mjs';
import { guestFiles } from './guest-files.mjs';
import { judge, judgeCreated, unnoticed } from './verdicts.mjs';
import { judgeMounts } from './mount-verdicts.mjs';
import { ensureQemu, runInVm } from './vm.mjs';

/** @typedef {import('./guest/main.mjs').Results} Results */

/** Of the guest's main.mjs, each in a machine of its own. */
const PARTS = ['sealed', 'others'];
const GUEST_MS = 300_000;

async function main() {
  await ensureDependencies();
  await ensureBuild();
  await ensureQemu();
  const base = await ensureBase();
  const started = performance.now();
  const parts = await Promise.all(PARTS.map((part) => tryPart(base, part)));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  say(`Linux ${parts[0]?.kernel}, ${seconds} s in ${parts.length} machines`);
  const stores = parts.flatMap((part) => part.stores);
  const images = parts.flatMap((part) => part.images);
  const created = parts.flatMap((part) => part.created).flatMap(judgeCreated);
  const mounts = judgeMounts(
    parts.flatMap((part) => part.mounts),
    parts[0]?.kernel ?? '',
  );
  const cases = [...judge(stores, images), ...created, judgeOfFalseVerdicts(stores), ...mounts];
  for (const { name, kernel, ours, faults } of cases) {
    process.stdout.write(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}: ${kernel}; ours: ${ours}\n`);
    for (const fault of faults) process.stdout.write(`       ${fault}\n`);
  }
  const failed = cases.filter(({ faults }) => faults.length > 0).length;
  process.stdout.write(`${cases.length - failed} passed, ${failed} failed\n`);
  return failed === 0 ? 0 : 1;
}

/** @param {import('./base.mjs').Base} base @param {string} part @returns {Promise<Results>} */
async function tryPart(base, part) {
  const options = { timeLimitMs: GUEST_MS, part };
  const { stdout, stderr, status, console: log } = await runInVm(base, guestFiles(), options);
  if (status === 0) return JSON.parse(stdout);
  const end = log.trimEnd().split('\n').slice(-12).join('\n');
  const why = status === undefined ? 'it took too long, or its kernel died' : `status ${status}`;
  throw new SetupError(
    `what was to be tried in the machine failed: ${why}\n${stderr}\nThe end of its console:\n${end}`,
  );
}

/** Whether the judge notices what is not true. @param {Results['stores']} stores @returns {import('./verdicts.mjs').Case} */
function judgeOfFalseVerdicts(stores) {
  const files = stores.flatMap((store) => store.files);
  const faults = files.flatMap(unnoticed);
  const ours = faults.length === 0 ? 'each would be noticed' : 'some would pass';
  return { name: 'false verdicts', kernel: `of ${files.length} files`, ours, faults };
}

if (process.argv[1]?.endsWith('test.mjs')) await runMain(main);
