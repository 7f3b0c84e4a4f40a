// Verifying in a Node of its own: node verify-work.mjs make FOLDER COUNT BYTES | verify FOLDER WORKER [THREADS]
// Prints one line of JSON.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Random } from '../../../shared/testing/random.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { HashPool } from '../../engine/verify/hash-pool.ts';
import { listObjects, storeSource } from '../../engine/verify/store-source.ts';
import { verify } from '../../engine/verify/verify-run.ts';

/** Writes a store of objects of one size, each under its digest. */
function make(folder: string, count: number, bytes: number): unknown {
  const content = Buffer.alloc(bytes);
  const random = new Random(bytes);
  // a page of noise, over and over: what it is does not matter to a hash
  for (let at = 0; at < bytes; at += 1) content[at] = at < 4096 ? random.int(256) : (content[at % 4096] ?? 0);
  for (let index = 0; index < count; index += 1) {
    content.writeUInt32LE(index, 0);
    const digest = hexOfBytes(fsVerityDigest(content, { algorithm: 'sha256', hash: nativeHash('sha256') }));
    const file = join(folder, digest.slice(0, 2), digest.slice(2));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return { count };
}

/** All objects of a store, from the first thread's start to the last verdict, as one run of Verify. */
async function measure(folder: string, worker: string, threads: number | undefined): Promise<unknown> {
  const listing = await listObjects(folder);
  let wrong = 0;
  const source = storeSource({ kind: 'mkcomposefs' }, listing, (_name, _want, { status }) => {
    if (status !== 'ok' && status !== 'unsealed') wrong += 1;
  });
  const pool = new HashPool({ worker: pathToFileURL(worker), threads });
  const from = performance.now();
  const { objects } = await verify({ sources: [source], roots: [folder], pool, caches: [], full: false });
  const ms = performance.now() - from;
  pool.close();
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return { ms, objects, wrong, peak: (Number(kilobytes ?? Number.NaN) * 1024) / 1e6 };
}

const [, , what, folder = '', ...rest] = process.argv;
const result =
  what === 'make'
    ? make(folder, Number(rest[0]), Number(rest[1]))
    : await measure(folder, rest[0] ?? '', rest[1] === undefined ? undefined : Number(rest[1]));
process.stdout.write(`${JSON.stringify(result)}\n`);
