import { expect, test } from 'vitest';
import { openDump } from '../../../../composefs/dump-reader/dump-reader.ts';
import { openImage } from '../../../../composefs/open-image.ts';
import { finish, type Steps } from '../../../../steps.ts';
import { VerityDigester } from '../../../../verity/fs-verity.ts';
import { portableHash } from '../../../../verity/portable-hash.ts';
import type { DigestSearch } from '../../../../contract/search-values.ts';
import type { Image } from '../../../image.ts';
import { bytesOfText, hexOfBytes } from '../../../text.ts';
import { writtenAs } from '../testing/written.ts';
import { searchDigest, type SearchOptions } from './search-digest.ts';
import { searchCases, type SearchCase } from './testing/cases.ts';

function digestOf(bytes: Uint8Array): Uint8Array {
  const digester = new VerityDigester({ algorithm: 'sha256', hash: portableHash('sha256') });
  digester.update(bytes);
  return digester.digest();
}
const measured = (bytes: Uint8Array): string => hexOfBytes(digestOf(bytes));
// oxlint-disable-next-line require-yield -- there is nothing to wait for
function* measure(bytes: Uint8Array): Steps<string> {
  return measured(bytes);
}

function search(tree: Image, wanted: string, more: Partial<SearchOptions> = {}): DigestSearch {
  const ownVersion = tree.kind === 'composefs' ? tree.formatVersion : undefined;
  return finish(searchDigest(tree, wanted, { measure, digestOf, contents: new Map(), ownVersion, ...more }));
}

function linesOf({ content = '' }: SearchCase, lines: readonly string[]): readonly string[] {
  const digest = measured(bytesOfText(content));
  return lines.map((line) =>
    line.replace('PATH', `${digest.slice(0, 2)}/${digest.slice(2)}`).replace('DIGEST', digest),
  );
}

/** Contents of objects with those bytes, by inode. */
function contentsOf({ table }: Image, content: string): ReadonlyMap<number, Uint8Array> {
  const bytes = bytesOfText(content);
  const found = new Map<number, Uint8Array>();
  for (let row = 0; row < table.count; row += 1) {
    if (table.size[row] === bytes.length) found.set(table.inode[row] ?? 0, bytes);
  }
  return found;
}

test.each(searchCases.map((one) => [one.name, one] as const))('finds: %s', (_, one) => {
  const [version, other] = one.versions;
  const image = openImage(writtenAs(linesOf(one, one.before), version));
  const wanted = measured(writtenAs(linesOf(one, one.after), other));
  const contents = one.content === undefined ? new Map<number, Uint8Array>() : contentsOf(image, one.content);
  const { found } = search(image, wanted, { contents });
  expect(found?.steps.map(({ transform }) => transform)).toEqual(one.found);
  expect(found?.steps.map(({ cause }) => cause)).toEqual(one.causes);
  expect(found?.formatVersion).toBe(other);
  expect(found?.advice.length).toBeGreaterThan(0);
});

const [, plain] = searchCases;
if (plain === undefined) throw new Error('no cases');
const image = openImage(writtenAs(plain.before, 1));

test('of a dump, too', () => {
  const tree = openDump(Buffer.from(plain.before.map((line) => `${line}\n`).join('')));
  const { found } = search(tree, measured(writtenAs(plain.after, 0)));
  expect(found).toMatchObject({ steps: [{ transform: 'T2' }], formatVersion: 0 });
});

test('nothing makes the digest of a tree with other content; what was tried is said', () => {
  const other = plain.before.map((line) => line.replace('welcome', 'WELCOME'));
  const { found, images, tried } = search(image, measured(writtenAs(other, 1)), { missingContents: 3 });
  expect(found).toBeUndefined();
  expect(images).toBeGreaterThan(500);
  expect(tried).toEqual([
    'Tried: the tree as it is, in each format.',
    expect.stringMatching(/^Tried: \d+ transformations, each by itself\.$/),
    expect.stringMatching(/^Tried: \d+ pairs of them\.$/),
    expect.stringMatching(/^Tried: \d+ chains of them, as mkcomposefs/),
    expect.stringMatching(/^Not tried: to put 3 small files/),
    expect.stringMatching(/proves nothing/),
  ]);
});

test('pairs and chains are left where they take too long, and that is said', () => {
  const { images, tried } = search(image, 'ab'.repeat(32), { maxEntries: 10_000 });
  expect(images).toBeLessThan(200);
  expect(tried[2]).toMatch(/^Tried: \d+ of \d+ pairs of them; the others would take too long/);
});

test('how far it is is told, and it stops where somebody stops it', () => {
  const told: string[] = [];
  const options = { measure, digestOf, contents: new Map<number, Uint8Array>(), ownVersion: 1 };
  const steps = searchDigest(image, 'ab'.repeat(32), {
    ...options,
    progress: (done, total, what) => told.push(`${done < total} ${what}`),
  });
  for (let step = 0; step < 200; step += 1) steps.next();
  expect(told[0]).toBe('true the tree as it is');
  expect(told.at(-1)).toMatch(/^true \S/);
});

test('the advice of each situation', () => {
  const bytes = writtenAs(plain.before, 2);
  expect(search(image, measured(bytes)).found?.advice).toEqual([
    expect.stringContaining('"erofs_formats":{"default":2}'),
  ]);
  const relaid = openImage(writtenAs(plain.before, 1));
  expect(search(relaid, measured(writtenAs(plain.before, 1))).found).toMatchObject({
    steps: [],
    sentence: expect.stringContaining('laid out in another way'),
  });
});
