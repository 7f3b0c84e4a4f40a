import { expect, test } from 'vitest';
import { randomBytes } from '../../../testing/random.ts';
import { ask } from '../testing/wounded.ts';
import { compressed } from './compressed.ts';
import { gzipSync } from 'node:zlib';

const right = randomBytes(1, 70000);

const text = Buffer.from('the same line, again and again, thirty times\n'.repeat(30));
/** `zstd -19 -c` and `xz -c` of the text. */
const zstd = Buffer.from(
  'KLUv/WRGBH0BAHLCCA/Q56VkADmEJPkRYIp48hHAmPx4rryOFKy0V5Rk+6BJDV0XAgAWQfUrxQoeQivpOw==',
  'base64',
);
const xz = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AVFADVdADoaCM522XbTk846V7FN1kXeL3yDqSAYaXyLPgW5P8IiT7l9dFZ6TFwVI51yYwQS1azstaIAAAAAAOO3D85NJswVAAFRxgoAAACQ8m8NscRn+wIAAAAABFla',
  'base64',
);

test('gzip', async () => {
  expect(await ask(compressed, { right, found: gzipSync(right) })).toEqual({
    says: 'certain',
    sentence: 'It is the right content, compressed by gzip.',
  });
});

test('zstd', async () => {
  expect(await ask(compressed, { right: text, found: zstd })).toMatchObject({ says: 'certain' });
});

test('what cannot be unpacked here is only possible', async () => {
  expect(await ask(compressed, { right: text, found: xz })).toMatchObject({ says: 'possible' });
});

test.each(['other content', 'a damaged stream', 'a bomb'])('%s is ruled out', async (what) => {
  const found =
    what === 'other content'
      ? gzipSync(randomBytes(8, right.length))
      : what === 'a bomb'
        ? gzipSync(new Uint8Array(64 << 20))
        : gzipSync(right).subarray(0, 30_000);
  expect(await ask(compressed, { right, found })).toMatchObject({ says: 'ruled out' });
});
