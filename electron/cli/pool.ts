import { HashPool } from '../engine/verify/hash-pool.ts';
import { exitAtOnce } from '../engine/verify/verity-ioctl.ts';
import { workerFile } from '../engine/verify/worker-file.ts';

/**
 * Runs work with a pool of hashing threads, and ends them. Where one hangs in the kernel, Node would wait for it at its
 * end: then the process is made to end as soon as all is said.
 */
export async function withPool<T>(threads: number | undefined, work: (pool: HashPool) => Promise<T>): Promise<T> {
  const pool = new HashPool({ worker: workerFile, threads });
  try {
    return await work(pool);
  } finally {
    pool.close();
    if (pool.abandoned > 0) process.on('exit', (status) => exitAtOnce(status));
  }
}
