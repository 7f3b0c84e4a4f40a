import { expect, test } from 'vitest';
import { openImage } from '../../../composefs/open-image.ts';
import { finish } from '../../../steps.ts';
import { compareTrees } from '../compare-trees.ts';
import { explainDiff } from './explain-diff.ts';
import { searchCases } from './search/testing/cases.ts';
import { writtenAs } from './testing/written.ts';

const explain = (a: Uint8Array, b: Uint8Array) => finish(explainDiff(compareTrees(openImage(a), openImage(b))));

const names = [
  'nanoseconds dropped',
  'no xattrs kept',
  'security.capability alone kept',
  'the root as /usr',
  '/run emptied',
  'made bootable, nanoseconds of before',
  'made bootable, with the whole time of /usr',
  'labels removed',
  'all times 0',
  'times of directories 0',
  'links split',
  'digests left out',
  'symlinks 0777',
  'owners shifted',
  'links counted',
];

test.each(names)('a tree that was changed as the cause says is the other image, which is certain: %s', (name) => {
  const one = searchCases.find((each) => each.name === name);
  if (one === undefined) throw new Error(`there is no case ${name}`);
  const [a, b] = [writtenAs(one.before, one.versions[0]), writtenAs(one.after, one.versions[1])];
  for (const { causes, proof } of [explain(a, b), explain(b, a)]) {
    expect(causes.map(({ id }) => id)).toEqual(one.causes);
    expect(causes.map(({ confidence }) => confidence)).toEqual(one.causes.map(() => 'certain'));
    expect(proof).toMatch(/^It is certain: [AB], written in format [01] with .*, is [AB] byte for byte\.$/);
  }
});

test('several causes at once, in another format', () => {
  const one = searchCases.find(({ name }) => name === 'the root as /usr and no labels, in another format');
  if (one === undefined) throw new Error('there is no such case');
  const { causes, proof } = explain(writtenAs(one.before, 1), writtenAs(one.after, 2));
  expect(causes.map(({ id, confidence }) => `${id} ${confidence}`).toSorted()).toEqual([
    'D02 certain',
    'D04 certain',
    'D05 certain',
    'D09 certain',
  ]);
  expect(proof).toContain(
    'A, written in format 2 with the root given the attributes of /usr, and SELinux labels removed',
  );
});

test('nothing is proved where something else differs, too, or no such thing was done', () => {
  const one = searchCases.find(({ name }) => name === 'nanoseconds dropped');
  const before = one?.before ?? [];
  const after = (one?.after ?? []).map((line) => line.replace('welcome', 'WELCOME'));
  const changed = explain(writtenAs(before, 1), writtenAs(after, 1));
  expect(changed.proof).toBeUndefined();
  expect(changed.causes.map(({ id }) => id)).toEqual(['D05', 'unexplained']);
  // two entries alone have lost theirs: the rule matches, and it is not what it takes for the whole tree
  const some = before.map((line, at) => (at < 3 ? line.replace(/ (\d+)\.\d+ (?=\S+ \S+ \S+)/, ' $1.0 ') : line));
  expect(explain(writtenAs(before, 1), writtenAs(some, 1)).proof).toBeUndefined();
});
