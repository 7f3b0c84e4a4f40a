import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { BestCalibration, busyWarnings, calibrate } from './bench/calibration.mjs';
import { ensureImage } from './bench/images.mjs';
import { parseOptions } from './bench/options.mjs';
import { findReference } from './bench/reference.mjs';
import { isReached } from './bench/statistics.mjs';
import { tableText } from './bench/table.mjs';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './display.mjs';
import { ensureElectron } from './electron.mjs';
import { ensureLibraries } from './libraries.mjs';
import { output } from './run.mjs';
import { runMain, say, SetupError } from './say.mjs';

async function main() {
  const reference = findReference();
  await ensureDependencies();
  // these import packages
  const { ofImages, ofStart } = await import('./bench/benchmarks.mjs');
  const { buildWork } = await import('./bench/bundle.mjs');
  const options = parseOptions(process.argv.slice(2), [...Object.keys(ofImages), ...Object.keys(ofStart)]);
  const electron = await ensureElectron();
  const needsDisplay = !hasDisplay();
  await ensureLibraries(electron.path, { needsDisplay });
  await ensureBuild();
  await buildWork();
  const images = [];
  for (const entries of options.entries) images.push(await ensureImage(entries, reference));
  if (needsDisplay) process.env['DISPLAY'] = await startVirtualDisplay();

  const machine = machineOf(electron.path);
  process.stdout.write(`${Object.values(machine).join(' · ')}\n`);
  const known = new BestCalibration();
  const best = known.value;
  /** @type {{ when: string, ms: number }[]} */
  const calibrations = [];
  /** @param {string} when */
  const calibrateNow = async (when) => {
    const ms = await calibrate();
    known.note(ms);
    calibrations.push({ when, ms });
  };
  await calibrateNow('before');

  const isWanted = (/** @type {string} */ name) => options.only.length === 0 || options.only.includes(name);
  const context = { runs: options.runs, reference, electron: electron.path };
  /** @type {import('./bench/statistics.mjs').Row[]} */
  const rows = [];
  let failed = 0;
  /** @param {string} what @param {() => Promise<import('./bench/statistics.mjs').Row[]>} bench */
  const measure = async (what, bench) => {
    say(`measuring ${what}`);
    try {
      rows.push(...(await bench()));
    } catch (error) {
      failed += 1; // what else was measured is worth having all the same
      say(`${what} failed: ${error instanceof SetupError ? error.message : inspect(error)}`);
    }
  };
  for (const [name, bench] of Object.entries(ofStart)) {
    if (isWanted(name)) await measure(name, () => bench(context));
  }
  for (const [name, bench] of Object.entries(ofImages)) {
    for (const image of isWanted(name) ? images : []) {
      await measure(`${name}, ${image.entries.toLocaleString('en-US')} entries`, () => bench({ ...context, image }));
    }
  }

  await calibrateNow('after');
  const warnings = busyWarnings(calibrations, best);
  process.stdout.write(`${tableText(rows)}\n`);
  for (const { when, ms } of calibrations) process.stdout.write(`calibration ${when}: ${ms.toFixed(0)} ms\n`);
  for (const warning of warnings) process.stdout.write(`WARNING: ${warning}\n`);
  const judged = rows.map(isReached).filter((reached) => reached !== undefined);
  const missed = judged.filter((reached) => !reached).length;
  process.stdout.write(`medians of ${options.runs} runs; ${missed} of ${judged.length} targets missed\n`);
  if (options.json !== undefined) {
    const file = resolve(process.env['INIT_CWD'] ?? process.cwd(), options.json);
    const results = rows.map((row) => Object.assign({ reached: isReached(row) }, row));
    writeFileSync(file, `${JSON.stringify({ machine, calibrations, warnings, rows: results }, undefined, 1)}\n`);
  }
  return failed === 0 ? 0 : 1;
}

/** @param {string} electron path of the binary */
function machineOf(electron) {
  const version = output(electron, ['-p', 'process.versions.electron'], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  });
  return {
    processor: `${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 1e9).toFixed(0)} GB`,
    system: `${process.platform} ${process.arch}`,
    node: `Node ${process.versions.node}`,
    electron: `Electron ${version?.trim() ?? 'unknown'}`,
  };
}

if (process.argv[1]?.endsWith('bench.mjs')) await runMain(main);
