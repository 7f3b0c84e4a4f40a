import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { idsOfFiles, writtenAs } from '../../../shared/tree/diff/explain/testing/written.ts';
import { referenceTool } from '../testing/reference-tools.ts';

const [info, make] = [referenceTool('composefs-info'), referenceTool('mkcomposefs')];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-trip-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the C tools make of an image: printed, and made again. */
function throughDump(image: Uint8Array, version: 0 | 1): Uint8Array {
  const [from, text, to] = ['from.cfs', 'text.dump', 'to.cfs'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(from, image);
  writeFileSync(text, execFileSync(info ?? '', ['dump', from]));
  execFileSync(make ?? '', [`--min-version=${version}`, `--max-version=${version}`, '--from-file', text, to]);
  return new Uint8Array(readFileSync(to));
}

const root = '/ 0 40755 2 0 0 0 5.0 - - -';
const d = '/d 0 40755 2 0 0 0 6.0 - - -';
const hello = '/d/f 5 100644 1 0 0 0 7.0 - hello -';

test.skipIf(info === undefined || make === undefined)(
  'an image, and what composefs-info and mkcomposefs make of it',
  () => {
    const long = 'ab'.repeat(64);
    const whiteout = writtenAs([root, d, hello, '/d/gone 0 20000 1 0 0 0 8.0 - - -'], 2);
    expect(idsOfFiles(whiteout, throughDump(whiteout, 0))).toEqual(['D33']);
    const sha512 = writtenAs([root, d, `/d/x 9000 100644 1 0 0 0 7.0 ab/${long.slice(2)} - ${long}`], 1);
    expect(idsOfFiles(sha512, throughDump(sha512, 1))).toEqual(['D33']);
    const redirect = writtenAs([root, d, `/d/x 9000 100644 1 0 0 0 7.0 a/b - ${'ab'.repeat(32)}`, hello], 0);
    expect(idsOfFiles(redirect, throughDump(redirect, 0))).toEqual(['D33']);
    const kept = writtenAs([root, d, hello, '/d/gone 0 20000 1 0 0 0 8.0 - - -'], 1);
    expect(throughDump(kept, 1)).toEqual(kept);
  },
);
