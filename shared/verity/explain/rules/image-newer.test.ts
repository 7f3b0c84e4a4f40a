import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { imageNewer } from './image-newer.ts';

const right = randomBytes(1, 70000);

const survey = { objects: 100, missing: 20, imageMtimeMs: 2_000_000, newestObjectMtimeMs: 1_000_000 };

test('many objects missing from a store that is older than the image', async () => {
  expect(await ask(imageNewer, { right, found: undefined, survey })).toMatchObject({ says: 'possible' });
});

test('a store that got objects since', async () => {
  const newer = { ...survey, newestObjectMtimeMs: 3_000_000 };
  expect(await ask(imageNewer, { right, found: undefined, survey: newer })).toMatchObject({ says: 'ruled out' });
});

test('a single hole', async () => {
  expect(await ask(imageNewer, { right, found: undefined, survey: { ...survey, missing: 1 } })).toMatchObject({
    says: 'not asked',
  });
});
