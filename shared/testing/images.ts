import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('images/', import.meta.url);

/** The small valid images beside this file (`images/make.sh` made them), by name. */
export function validImages(): ReadonlyMap<string, Uint8Array> {
  const names = readdirSync(folder).filter((name) => /\.(cfs|erofs)$/.test(name));
  return new Map(names.map((name) => [name, new Uint8Array(readFileSync(new URL(name, folder)))]));
}

/** One of them, a fresh copy. @throws where there is none of that name */
export function validImage(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, folder)));
}
