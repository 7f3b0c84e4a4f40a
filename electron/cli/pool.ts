import { HashPool } from '../engine/verify/hash-pool.ts';
import { workerFile } from '../engine/verify/worker-file.ts';

/** Runs work with a pool of hashing threads, and ends them. */
export async function withPool<T>(threads: number | undefined, work: (pool: HashPool) => Promise<T>): Promise<T> {
  const pool = new HashPool({ worker: workerFile, threads });
  try {
    return await work(pool);
  } finally {
    pool.close();
  }
}
