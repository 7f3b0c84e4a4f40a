import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A part of the helper as a file that Node can run: TypeScript it cannot. @param entry below electron/helper */
export async function bundled(entry: string): Promise<string> {
  const outfile = `${root}/build/test/${entry.replaceAll('/', '-')}-${process.pid}.mjs`;
  await mkdir(`${root}/build/test`, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: [`electron/helper/${entry}`],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    logLevel: 'error',
    banner: {
      js: "import { createRequire as $createRequire } from 'node:module'; const require = $createRequire(import.meta.url);",
    },
  });
  return outfile;
}
