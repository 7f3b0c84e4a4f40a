import assert from 'node:assert/strict';
import { describe, expect, it } from 'vitest';
import { ImageError } from '../erofs/image-error.ts';
import { validImages } from '../testing/images.ts';
import { legacyImage } from '../testing/legacy-image.ts';
import { Random } from '../testing/random.ts';
import { assertSound } from '../testing/sound.ts';
import { openImage } from './open-image.ts';

/**
 * Valid images, wounded at random: only an ImageError or a sound tree may come out, soon and in bounded memory.
 *
 *   COMPOSCOPE_FUZZ_CASES=200000 COMPOSCOPE_FUZZ_SEED=7 npm run unit -- open-image.fuzz
 */
const cases = Number(process.env['COMPOSCOPE_FUZZ_CASES'] ?? 4000);
const seed = Number(process.env['COMPOSCOPE_FUZZ_SEED'] ?? 1);

const images = new Map([
  ...validImages(),
  [
    '2023.cfs',
    legacyImage({
      mode: 0o40755,
      children: {
        d: { mode: 0o40755, children: { l: { mode: 0o120777, payload: '../f', size: 4 } } },
        f: { mode: 0o100644, size: 5, payload: 'ab/cd', digest: new Uint8Array(32).fill(7), xattrs: { 'user.a': 'b' } },
      },
    }),
  ],
]);

describe.each([...images])('wounded %s', (name, valid) => {
  it('is sound before', () => assertSound(openImage(valid)));

  it('opens to a sound tree, or fails with an ImageError, within a second', { timeout: 600_000 }, () => {
    const share = Math.ceil(cases / images.size);
    const outcomes = { sound: 0, refused: 0 };
    for (let index = 0; index < share; index++) {
      const random = new Random(seed * 1_000_003 + index);
      const bytes = wound(valid, random);
      const started = performance.now();
      let opened = started;
      try {
        const image = openImage(bytes);
        opened = performance.now();
        assertSound(image);
        outcomes.sound++;
      } catch (error) {
        if (!(error instanceof ImageError)) throw new Error(`${name}, seed ${seed}, case ${index}`, { cause: error });
        assert.ok(error.offset !== undefined && error.message.length > 0);
        opened = performance.now();
        outcomes.refused++;
      }
      assert.ok(opened - started < 1000, `${name}, seed ${seed}, case ${index}: took over a second`);
    }
    // the wounds must be of both kinds, or the test looks at nothing
    expect(outcomes.sound).toBeGreaterThan(share / 10);
    expect(outcomes.refused).toBeGreaterThan(0);
  });
});

const ODD_WORDS = [0, 1, 0xff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 12, 24, 36, 4096, 4095];

/** Flips bits, writes odd words, repeats slots over each other, cuts off the end: one to eight of them. */
function wound(valid: Uint8Array, random: Random): Uint8Array {
  let bytes = valid.slice();
  const wounds = 1 + random.int(8);
  for (let index = 0; index < wounds; index++) {
    // half of the wounds go where the superblock and the first inodes are
    const limit = random.chance(0.5) ? bytes.length : Math.min(bytes.length, 8192);
    const at = random.int(limit);
    switch (random.int(5)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
        break;
      case 1:
        if (at + 4 <= bytes.length)
          new DataView(bytes.buffer).setUint32(at & ~1 & (bytes.length - 4), random.pick(ODD_WORDS), true);
        break;
      case 2:
        bytes.copyWithin((at >>> 5) << 5, (random.int(bytes.length) >>> 5) << 5, (random.int(bytes.length) >>> 5) << 5);
        break;
      case 3:
        bytes[at] = random.int(256);
        break;
      default:
        if (random.chance(0.1)) bytes = bytes.slice(0, at);
    }
    if (bytes.length < 8) break;
  }
  return bytes;
}
