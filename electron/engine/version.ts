import { readFileSync } from 'node:fs';

/** From package.json, which lies two levels above this file and above what is built of it. */
export function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
