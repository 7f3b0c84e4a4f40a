import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDump } from '../../../shared/composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../shared/composefs/open-image.ts';
import { writeImage } from '../../../shared/composefs/writer/write-image.ts';
import { randomDump } from '../../../shared/testing/random-dump.ts';
import { Random } from '../../../shared/testing/random.ts';
import { referenceTool } from '../testing/reference-tools.ts';

const TREES = Number(process.env['COMPOSCOPE_WRITER_TREES'] ?? 300);
const mkcomposefs = referenceTool('mkcomposefs');

describe.skipIf(mkcomposefs === undefined)('the real mkcomposefs', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'composcope-writer-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test(
    `writes the same bytes of ${TREES} random trees, and so do we of what it wrote`,
    { timeout: TREES * 1000 },
    () => {
      const image = join(folder, 'image');
      for (let seed = 1; seed <= TREES; seed += 1) {
        const text = randomDump(new Random(seed));
        const [minVersion, maxVersion] = (
          [
            [0, 1],
            [0, 0],
            [1, 1],
          ] as const
        )[seed % 3] ?? [0, 1];
        const versions = [`--min-version=${minVersion}`, `--max-version=${maxVersion}`];
        const { status, stderr } = spawnSync(mkcomposefs ?? '', [...versions, '--from-file', '-', image], {
          input: text,
        });
        expect(`seed ${seed}: ${status} ${String(stderr)}`).toBe(`seed ${seed}: 0 `);
        const theirs = readFileSync(image);
        const ours = writeImage(openDump(Buffer.from(text)), { minVersion, maxVersion });
        expect(`seed ${seed}: ${Buffer.compare(ours, theirs)}`).toBe(`seed ${seed}: 0`);
        const opened = openImage(theirs);
        const version = opened.formatVersion === 1 ? 1 : 0;
        const again = writeImage(opened, { minVersion: version, maxVersion: version });
        expect(`seed ${seed} again: ${Buffer.compare(again, theirs)}`).toBe(`seed ${seed} again: 0`);
      }
    },
  );

  test('reads what we write', () => {
    const info = referenceTool('composefs-info');
    if (info === undefined) return;
    const file = join(folder, 'ours');
    writeFileSync(file, writeImage(openDump(Buffer.from(randomDump(new Random(5)))), { minVersion: 0, maxVersion: 1 }));
    expect(execFileSync(info, ['ls', file]).length).toBeGreaterThan(0);
  });
});
