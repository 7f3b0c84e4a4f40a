import { expect, test } from 'vitest';
import { judge, type Seen, type Wanted } from './judge.ts';

const right = new Uint8Array(32).fill(1);
const other = new Uint8Array(32).fill(2);
const wanted: Wanted = { size: 5, algorithm: 'sha256', digest: right };
const seen: Seen = { size: 5, digest: right, seal: undefined, kernelSeals: false };
const seal = (digest: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256') => ({ algorithm, digest });

test.each([
  ['ok', wanted, seen],
  ['unsealed', wanted, { ...seen, kernelSeals: true }],
  ['digest-mismatch', wanted, { ...seen, digest: other }],
  ['size-mismatch', wanted, { ...seen, size: 6 }],
  ['size-mismatch', wanted, { ...seen, size: 4, seal: seal(other) }],
  ['no-digest', { ...wanted, digest: undefined }, seen],
  ['size-mismatch', { ...wanted, digest: undefined }, { ...seen, size: 6 }],
  ['sealed', wanted, { ...seen, digest: undefined, seal: seal(right), kernelSeals: true }],
  ['sealed', wanted, { ...seen, seal: seal(right), kernelSeals: true }],
  ['digest-mismatch', wanted, { ...seen, digest: other, seal: seal(right), kernelSeals: true }],
  ['wrong-seal', wanted, { ...seen, digest: undefined, seal: seal(other), kernelSeals: true }],
  ['wrong-seal', wanted, { ...seen, seal: seal(right, 'sha512'), kernelSeals: true }],
  ['unchecked', wanted, { ...seen, digest: undefined }],
] as const)('%s', (status, wants, sees) => {
  expect(judge(wants, sees)).toBe(status);
});
