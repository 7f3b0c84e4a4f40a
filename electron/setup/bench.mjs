import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { Calibrations } from './bench/calibration.mjs';
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

/** @typedef {import('./bench/statistics.mjs').Row} Row */

async function main() {
  const reference = findReference();
  await ensureDependencies();
  // these import packages
  const { ofImages, ofStart } = await import('./bench/benchmarks.mjs');
  const { buildWork } = await import('./bench/bundle.mjs');
  const options = parseOptions(process.argv.slice(2), [...Object.keys(ofStart), ...Object.keys(ofImages)]);
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
  const calibrations = new Calibrations();
  await calibrations.take('before');
  /** @type {Row[]} */
  const rows = [];
  /** @type {string[]} */
  const failed = [];
  /** @param {string} what @param {() => Promise<readonly Row[]>} bench */
  const measure = async (what, bench) => {
    say(`measuring ${what}`);
    try {
      const measured = await bench();
      await calibrations.take(`after ${what}`);
      rows.push(...measured.map((row) => Object.assign(row, { busy: calibrations.wasBusy })));
    } catch (error) {
      // what else was measured is worth having all the same
      failed.push(`${what}: ${error instanceof SetupError ? error.message : inspect(error)}`);
    }
  };
  const context = { runs: options.runs, reference, electron: electron.path };
  const isWanted = (/** @type {string} */ name) => options.only.length === 0 || options.only.includes(name);
  for (const [name, bench] of Object.entries(ofStart)) {
    if (isWanted(name)) await measure(name, () => bench(context));
  }
  for (const [name, bench] of Object.entries(ofImages)) {
    for (const image of isWanted(name) ? images : []) {
      await measure(`${name} ${image.entries.toLocaleString('en-US')}`, () => bench({ ...context, image }));
    }
  }

  const { warning } = calibrations;
  const judged = rows.map(isReached).filter((reached) => reached !== undefined);
  const missed = judged.filter((reached) => !reached).length;
  const lines = [
    tableText(rows),
    '',
    `calibration: ${calibrations.text}`,
    ...(warning === undefined ? [] : [`WARNING: ${warning}`]),
    ...failed.map((failure) => `NOT MEASURED: ${failure}`),
    `medians of ${options.runs} runs; ${missed} of ${judged.length} targets missed`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (options.json !== undefined) {
    const results = rows.map((row) => Object.assign({ reached: isReached(row) }, row));
    const report = { machine, calibrations: calibrations.taken, warning, failed, rows: results };
    writeFileSync(
      resolve(process.env['INIT_CWD'] ?? process.cwd(), options.json),
      `${JSON.stringify(report, null, 1)}\n`,
    );
  }
  return failed.length === 0 ? 0 : 1;
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
