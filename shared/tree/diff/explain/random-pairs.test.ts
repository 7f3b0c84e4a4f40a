import { expect, test } from 'vitest';
import { openImage } from '../../../composefs/open-image.ts';
import { writeImage } from '../../../composefs/writer/write-image.ts';
import { Random } from '../../../testing/random.ts';
import { imageOf, type Node } from '../../../testing/table-of.ts';
import type { Image } from '../../image.ts';
import { compareTrees } from '../compare-trees.ts';
import { knownCauses, type KnownCause } from './testing/known-causes.ts';
import { explainImages } from './testing/pairs.ts';
import { randomSystem } from './testing/random-system.ts';

/** As an image file has it. */
const written = (root: Node): Image =>
  openImage(writeImage(imageOf(root, { kind: 'dump' }), { minVersion: 1, maxVersion: 1 }));

const idsOf = (a: Image, b: Image): readonly string[] =>
  [...new Set(explainImages(a, b).causes.map(({ id }) => id))].toSorted();

/** Whether a cause does anything to a tree. */
const differ = (a: Image, b: Image): boolean => compareTrees(a, b).differing.length > 0;

/** Those that hide each other, though they touch other things, or are a third one together. */
function hide(one: KnownCause, other: KnownCause): boolean {
  const touched = new Set([one.touches, other.touches]);
  const both = (...what: readonly KnownCause['touches'][]): boolean => what.every((some) => touched.has(some));
  return (
    touched.size === 1 ||
    both('folders', 'times') || // both set the times of folders
    both('objects', 'files') || // another file has another object
    both('links', 'xattrs') || // an inode that is broken up has room for several labels
    both('folders', 'xattrs') || // an emptied directory has nothing else of its own
    (both('links', 'times') && [one, other].some(({ id }) => id === 'D03')) // D42
  );
}

test.each(Array.from({ length: 5 }, (_, seed) => seed + 1))('one cause is named, and nothing else: seed %i', (seed) => {
  const random = new Random(seed);
  for (const cause of knownCauses) {
    const root = randomSystem(random);
    const [a, b] = [written(root), written(cause.make(root, random))];
    if (!differ(a, b)) continue;
    const expected = [`seed ${seed}`, cause.id];
    expect([`seed ${seed}`, ...idsOf(a, b)]).toEqual(expected);
    expect([`seed ${seed}`, ...idsOf(b, a)]).toEqual(expected);
  }
});

test.each(Array.from({ length: 4 }, (_, seed) => seed + 1))('two causes at once are both named: seed %i', (seed) => {
  const random = new Random(seed);
  for (let pair = 0; pair < 30; pair += 1) {
    const [one, other] = [random.pick(knownCauses), random.pick(knownCauses)];
    if (hide(one, other)) continue;
    const root = randomSystem(random);
    const half = one.make(root, random);
    const [a, between, b] = [root, half, other.make(half, random)].map(written);
    if (a === undefined || between === undefined || b === undefined) throw new Error('no trees');
    const ids = [...(differ(a, between) ? [one.id] : []), ...(differ(between, b) ? [other.id] : [])];
    const expected = [`seed ${seed}, pair ${pair}`, ...new Set(ids.toSorted())];
    expect([`seed ${seed}, pair ${pair}`, ...idsOf(a, b)]).toEqual(expected);
  }
});
