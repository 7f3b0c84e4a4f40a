import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inRoot, readIfThere, stampOf } from './paths.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { runMain, say } from './say.mjs';

/** What the build is made of. */
const SOURCES = ['shared', 'electron', 'renderer', 'package.json', 'package-lock.json'];
const stamp = inRoot('build', '.stamp');

/** Bundles all processes into build/, unless nothing changed since. */
export async function ensureBuild() {
  const now = stampOf(SOURCES);
  if (readIfThere(stamp) === now) return;
  say('building');
  rmSync(stamp, { force: true });
  const esbuild = await import('esbuild');
  /** @type {import('esbuild').BuildOptions} */
  const common = {
    absWorkingDir: inRoot(),
    bundle: true,
    logLevel: 'warning',
    legalComments: 'none',
    sourcemap: 'linked',
  };
  /** @type {import('esbuild').BuildOptions} */
  const node = { ...common, platform: 'node', target: 'node20', format: 'esm', packages: 'bundle' };
  // bundled CommonJS packages call require(), which an ES module does not have by itself
  const banner = {
    js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
  };
  for (const folder of ['main', 'engine', 'helper', 'cli', 'renderer'])
    rmSync(inRoot('build', folder), { recursive: true, force: true });
  await Promise.all([
    esbuild.build({
      ...node,
      banner,
      external: ['electron'],
      entryPoints: { main: 'electron/main/main.ts' },
      outdir: 'build/main',
      outExtension: { '.js': '.mjs' },
    }),
    esbuild.build({
      ...node,
      format: 'cjs',
      external: ['electron'],
      entryPoints: { preload: 'electron/preload/preload.ts' },
      outdir: 'build/main',
      outExtension: { '.js': '.cjs' },
    }),
    esbuild.build({
      ...node,
      banner,
      entryPoints: { engine: 'electron/engine/engine.ts' },
      outdir: 'build/engine',
      outExtension: { '.js': '.mjs' },
    }),
    // As CommonJS a thread starts in two thirds of the time: a short run is as fast as its threads start.
    esbuild.build({
      ...node,
      format: 'cjs',
      define: { 'import.meta.url': '__filename' },
      entryPoints: {
        'hash-worker': 'electron/engine/verify/hash-worker.ts', // of the command line too
        'store-worker': 'electron/engine/create/store-worker.ts', // likewise
      },
      outdir: 'build/engine',
      outExtension: { '.js': '.cjs' },
    }),
    esbuild.build({
      ...node,
      banner,
      entryPoints: { helper: 'electron/helper/helper.ts' },
      outdir: 'build/helper',
      outExtension: { '.js': '.mjs' },
    }),
    esbuild.build({
      ...node,
      banner,
      splitting: true,
      minifySyntax: true,
      entryPoints: { composcope: 'electron/cli/composcope.ts' },
      outdir: 'build/cli',
      outExtension: { '.js': '.mjs' },
    }),
    esbuild.build({
      ...common,
      platform: 'browser',
      target: 'chrome130',
      format: 'esm',
      splitting: true,
      jsx: 'automatic',
      minify: true,
      loader: { '.woff2': 'file' },
      define: { 'process.env.NODE_ENV': '"production"' },
      entryPoints: { renderer: 'renderer/main.tsx' },
      outdir: 'build/renderer',
    }),
  ]);
  mkdirSync(inRoot('build/renderer'), { recursive: true });
  copyFileSync(inRoot('renderer/index.html'), inRoot('build/renderer/index.html'));
  chmodSync(inRoot('build/cli/composcope.mjs'), 0o755);
  writeFileSync(stamp, now);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runMain(async () => {
    await ensureDependencies();
    await ensureBuild();
    return 0;
  });
}
