import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** What a test puts at a path: a file's content, or something else than a file. */
export type Planted =
  string | Uint8Array | { readonly link: string } | { readonly folder: true } | { readonly fifo: true };

/** A real folder for one test, gone when the test has ended. */
export interface TestFolder {
  readonly path: string;
  /** Path of something in it. */
  readonly at: (name: string) => string;
}

/** Makes a folder of real files, links and folders; parents come by themselves. */
export function plant(tree: Readonly<Record<string, Planted>> = {}): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'composcope-test-'));
  const at = (name: string): string => join(path, name);
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  chmodSync(path, 0o755); // so that another user than root may look into it
  for (const [name, what] of Object.entries(tree)) {
    mkdirSync(dirname(at(name)), { recursive: true });
    if (typeof what === 'string' || what instanceof Uint8Array) writeFileSync(at(name), what);
    else if ('link' in what) symlinkSync(what.link, at(name));
    else if ('fifo' in what) execFileSync('mkfifo', [at(name)]);
    else mkdirSync(at(name), { recursive: true });
  }
  return { path, at };
}

/** Hex digits that depend on `seed` alone. */
export function digits(seed: string, length: 62 | 64 | 126 | 128): string {
  const hash = createHash('sha512').update(seed).digest('hex');
  return hash.slice(0, length);
}

/** `aa/rest` for the digest of `seed`. */
export const objectPath = (seed: string, length: 64 | 128 = 64): string => split(digits(seed, length));

/** `aabb…` → `aa/bb…`. */
export const split = (digest: string): string => `${digest.slice(0, 2)}/${digest.slice(2)}`;

/** Runs `work` as a user who is not root, for what root may do anyway; as is where the test is not run by root. */
export async function asUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0 || process.seteuid === undefined || process.setegid === undefined) return work();
  process.setegid(65_534);
  process.seteuid(65_534);
  try {
    return await work();
  } finally {
    process.seteuid(0);
    process.setegid(0);
  }
}
