/** The worker as it was built: it lies beside the engine, and the command line's folder lies beside that. */
export const workerFile = new URL('../engine/hash-worker.cjs', import.meta.url);
