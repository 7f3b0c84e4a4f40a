import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrphanList, Reach } from '../../../shared/contract/verify-values.ts';
import { redirectBytes } from '../../../shared/tree/row.ts';
import type { AttachedStore } from '../attached-store.ts';
import type { ImageSession } from '../image-session.ts';
import type { JobContext } from '../job-list.ts';
import { slices } from '../slices.ts';
import { gateOf } from '../stores/io-gate.ts';
import { listObjects } from './store-source.ts';
import { latin1 } from './targets.ts';

/** Orphans that are listed; the rest is counted. */
const MAX_LISTED = 10_000;
const UNDER_WAY = 64;

/**
 * Objects of a store that no open image refers to, by their paths below its data root.
 * @throws StoreError where the store cannot be listed; the signal's reason
 */
export async function findOrphans(
  store: AttachedStore,
  sessions: readonly ImageSession[],
  { signal, progress }: JobContext,
): Promise<OrphanList> {
  const used = new Set<string>();
  const breathe = slices();
  for (const session of sessions) {
    await session.indexed;
    for (const [, entry] of session.entriesOfObjects()) {
      used.add(latin1(redirectBytes(session.image.table, entry) ?? new Uint8Array(0)));
      await breathe();
    }
  }
  signal.throwIfAborted();
  const { names } = await listObjects(store.found.dataRoot, signal);
  const orphans = names.filter((name) => !used.has(name));
  const gate = gateOf(store.found.dataRoot);
  const found: { readonly name: string; readonly size: number }[] = [];
  let [bytes, diskBytes, next] = [0, 0, 0];
  const worker = async (): Promise<void> => {
    for (let index = next++; index < orphans.length; index = next++) {
      signal.throwIfAborted();
      const name = orphans[index] ?? '';
      const stats = await gate.run<Awaited<ReturnType<typeof lstat>> | undefined>((done) => {
        lstat(join(store.found.dataRoot, name)).then(
          (value) => done(null, value),
          () => done(null, undefined), // gone meanwhile: no orphan any more
        );
      });
      if (stats === undefined) continue;
      const [size, blocks] = [Number(stats.size), Number(stats.blocks)];
      bytes += size;
      diskBytes += blocks * 512;
      found.push({ name, size });
      if ((index & 255) === 0) progress(index, orphans.length);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, worker));
  const largest = found.toSorted((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1)).slice(0, MAX_LISTED);
  return { store: store.id, count: found.length, bytes, diskBytes, orphans: largest };
}

/** What each open image alone refers to, and what it shares: the former is what its removal would free. */
export async function reachOf(sessions: readonly ImageSession[]): Promise<readonly Reach[]> {
  /** By path: the only image that has it; -1 where more do. */
  const owners = new Map<string, number>();
  const breathe = slices();
  const each = async (visit: (index: number, path: string, size: number) => void): Promise<void> => {
    for (const [index, session] of sessions.entries()) {
      await session.indexed;
      const { table } = session.image;
      const seen = new Set<string>();
      for (const [, entry] of session.entriesOfObjects()) {
        const path = latin1(redirectBytes(table, entry) ?? new Uint8Array(0));
        if (seen.has(path)) continue;
        seen.add(path);
        visit(index, path, table.size[entry] ?? 0);
        await breathe();
      }
    }
  };
  await each((index, path) => owners.set(path, owners.has(path) ? -1 : index));
  const reach = sessions.map(({ id }) => ({ image: id, objects: 0, bytes: 0, sharedObjects: 0, sharedBytes: 0 }));
  await each((index, path, size) => {
    const own = reach[index];
    if (own === undefined) return;
    if (owners.get(path) === index) {
      own.objects += 1;
      own.bytes += size;
    } else {
      own.sharedObjects += 1;
      own.sharedBytes += size;
    }
  });
  return reach;
}
