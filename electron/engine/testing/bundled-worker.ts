import { mkdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bundled = new Map<string, Promise<URL>>();

function bundledOnce(entry: string): Promise<URL> {
  let file = bundled.get(entry);
  if (file === undefined) bundled.set(entry, (file = bundle(entry)));
  return file;
}

/** The worker that hashes as a file that Node can run: TypeScript it cannot. Made once, for tests. */
export const bundledWorker = (): Promise<URL> => bundledOnce('electron/engine/verify/hash-worker.ts');

/** The worker that makes objects, likewise. */
export const bundledStoreWorker = (): Promise<URL> => bundledOnce('electron/engine/create/store-worker.ts');

async function bundle(entry: string): Promise<URL> {
  const outfile = `${root}/build/test/${basename(entry, '.ts')}-${process.pid}.mjs`;
  await mkdir(`${root}/build/test`, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
  });
  return new URL(`file://${outfile}`);
}
