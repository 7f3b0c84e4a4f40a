import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let bundled: Promise<URL> | undefined;

/** The worker as a file that Node can run: TypeScript it cannot. Made once, for tests. */
export const bundledWorker = (): Promise<URL> => (bundled ??= bundle());

async function bundle(): Promise<URL> {
  const outfile = `${root}/build/test/hash-worker-${process.pid}.mjs`;
  await mkdir(`${root}/build/test`, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: ['electron/engine/verify/hash-worker.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  });
  return new URL(`file://${outfile}`);
}
