/** The worker as it was built: it lies beside the engine, and the command line's folder lies beside that. */
export const storeWorkerFile = new URL('../engine/store-worker.cjs', import.meta.url);
