import { build } from 'esbuild';
import { inRoot } from '../paths.mjs';

/** Runs in a Node of its own, bundled as build.mjs bundles the engine. */
export const engineWork = inRoot('build/bench/engine-work.mjs');
/** As that, for what is hashed. */
export const verifyWork = inRoot('build/bench/verify-work.mjs');
/** Runs in the window's page, which then has it as `benchPage`. */
export const pageWork = inRoot('build/bench/page-work.js');

/** Bundles what is measured in other processes. */
export async function buildWork() {
  /** @type {import('esbuild').BuildOptions} */
  const common = { absWorkingDir: inRoot(), bundle: true, logLevel: 'warning' };
  await Promise.all([
    build({
      ...common,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      entryPoints: ['electron/setup/bench/engine-work.ts'],
      outfile: engineWork,
    }),
    build({
      ...common,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      entryPoints: ['electron/setup/bench/verify-work.ts'],
      outfile: verifyWork,
    }),
    build({
      ...common,
      platform: 'browser',
      target: 'chrome130',
      format: 'iife',
      entryPoints: ['electron/setup/bench/page-work.ts'],
      outfile: pageWork,
    }),
  ]);
}
