import assert from 'node:assert/strict';
import { ImageError } from '../erofs/image-error.ts';
import type { Image } from '../tree/image.ts';
import { Flag, S_IFDIR, S_IFMT } from '../tree/table.ts';

/**
 * Asserts what holds for every opened image, however broken: rows nest, offsets lie in the image, and whatever is asked
 * of an entry is answered or refused with an ImageError.
 */
export function assertSound(image: Image): void {
  const { table } = image;
  const length = table.bytes.length;
  assert.ok(table.count >= 1 && table.count <= length, 'more rows than bytes');
  assert.equal(table.end[0], table.count);
  const marked = new Set<number>();
  for (const problem of image.problems) {
    assert.ok(problem.offset >= 0 && problem.offset <= length, `offset ${problem.offset}`);
    assert.ok(problem.message.length > 0);
    if (problem.entry === undefined) continue;
    assert.ok(problem.entry < table.count);
    if (problem.severity === 'error') marked.add(problem.entry);
  }
  for (let entry = 0; entry < table.count; entry++) {
    const end = table.end[entry] ?? 0;
    const parent = table.parent[entry] ?? 0;
    const flags = table.flags[entry] ?? 0;
    assert.ok(end > entry && end <= table.count);
    if (entry > 0) {
      assert.ok(parent < entry && end <= (table.end[parent] ?? 0), 'a child reaches out of its parent');
      assert.equal((table.mode[parent] ?? 0) & S_IFMT, S_IFDIR);
      assert.ok((table.nameLength[entry] ?? 0) > 0);
    }
    assert.ok((table.nameOffset[entry] ?? 0) + (table.nameLength[entry] ?? 0) <= length);
    assert.ok((table.redirectOffset[entry] ?? 0) + (table.redirectLength[entry] ?? 0) <= length);
    const digest = table.digestOffset[entry] ?? 0;
    assert.ok(digest === 0 || digest + ((flags & Flag.sha512) === 0 ? 32 : 64) <= length);
    if (image.problemsOmitted === 0)
      assert.equal((flags & Flag.broken) !== 0, marked.has(entry), 'broken is said of what is logged');
    assertAnswers(image, entry);
  }
}

function assertAnswers(image: Image, entry: number): void {
  const { length } = image.table.bytes;
  answer(() => {
    for (const { value, offset } of image.xattrs(entry)) assert.ok(offset + value.length <= length);
  });
  answer(() => {
    const content = image.content(entry);
    if (content.kind !== 'inline') return;
    let sum = 0;
    for (const extent of content.extents) {
      sum += extent.length;
      if (extent.offset !== undefined) assert.ok(extent.offset + extent.length <= length);
    }
    assert.equal(sum, image.table.size[entry]);
  });
  answer(() => {
    for (const field of image.fields(entry)) assert.ok(field.offset + field.length <= length, field.name);
  });
  answer(() => {
    image.mtimeSeconds(entry);
  });
}

/** Runs it; an ImageError is an answer, everything else a fault of ours. */
function answer(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
  }
}
