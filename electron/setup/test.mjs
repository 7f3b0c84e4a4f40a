import { mkdirSync, rmSync } from 'node:fs';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { hasDisplay, startVirtualDisplay } from './display.mjs';
import { ensureElectron } from './electron.mjs';
import { ensureLibraries } from './libraries.mjs';
import { inRoot, packageBin, readIfThere } from './paths.mjs';
import { run } from './run.mjs';
import { runMain, say } from './say.mjs';

/** @typedef {{ passed: number, failed: number }} Count */

/** Reports of the runners; made anew each time, so that an old one is never counted. */
const reports = inRoot('build', 'reports');

/**
 * What vitest's JSON report says. A run without a report, or without a test, is one failure.
 *
 * @param {string | undefined} text
 * @returns {Count}
 */
export function countVitest(text) {
  if (text === undefined) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, success } = JSON.parse(text);
  return atLeastOne({ passed: numPassedTests, failed: numFailedTests }, success);
}

/**
 * What Playwright's JSON report says; a test that passed only when tried again counts as failed.
 *
 * @param {string | undefined} text
 * @returns {Count}
 */
export function countPlaywright(text) {
  if (text === undefined) return { passed: 0, failed: 1 };
  const { stats, errors } = JSON.parse(text);
  return atLeastOne({ passed: stats.expected, failed: stats.unexpected + stats.flaky }, errors.length === 0);
}

/** @param {Count} count @param {boolean} success @returns {Count} */
function atLeastOne({ passed, failed }, success) {
  return failed === 0 && (passed === 0 || !success) ? { passed, failed: 1 } : { passed, failed };
}

async function main() {
  await ensureDependencies();
  const electron = await ensureElectron();
  const needsDisplay = !hasDisplay();
  await ensureLibraries(electron.path, { needsDisplay });
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });

  const total = { passed: 0, failed: 0 };
  /** @param {string} name @param {() => Promise<Count>} step */
  const count = async (name, step) => {
    const started = performance.now();
    const { passed, failed } = await step();
    total.passed += passed;
    total.failed += failed;
    say(`${name}: ${passed} passed, ${failed} failed, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  };
  await count('format', script('check:format'));
  await count('lint', script('check:lint'));
  await count('types', script('check:types'));
  await count('build', async () => {
    try {
      await ensureBuild();
      return one(true);
    } catch (error) {
      say(String(error));
      return one(false);
    }
  });
  await count('unit tests', async () => {
    const report = inRoot('build/reports/unit.json');
    const parameters = [
      'run',
      '--silent',
      'unit',
      '--',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${report}`,
    ];
    const status = await run('npm', parameters);
    return settle(countVitest(readIfThere(report)), status);
  });
  await count('end-to-end tests', async () => {
    const report = inRoot('build/reports/e2e.json');
    const display = needsDisplay ? { DISPLAY: await startVirtualDisplay() } : {};
    const environment = {
      ...process.env,
      ...display,
      COMPOSCOPE_ELECTRON: electron.path,
      COMPOSCOPE_ELECTRON_SOURCE: electron.source,
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
    };
    const status = await run(
      packageBin('playwright'),
      ['test', '--config', 'e2e/playwright.config.ts', '--reporter=list,json'],
      {
        env: environment,
      },
    );
    return settle(countPlaywright(readIfThere(report)), status);
  });
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  return total.failed === 0 ? 0 : 1;
}

/** A script of package.json as one step. @param {string} name */
const script = (name) => async () => one((await run('npm', ['run', '--silent', name])) === 0);

/** @param {boolean} passed @returns {Count} */
const one = (passed) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1 });

/** A runner that failed although each of its tests passed has failed. @param {Count} count @param {number} status @returns {Count} */
const settle = (count, status) => (status !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count);

if (process.argv[1]?.endsWith('test.mjs')) await runMain(main);
