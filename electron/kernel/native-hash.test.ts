import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { nativeHash } from './native-hash.ts';

test.each(['sha256', 'sha512'] as const)(
  '%s writes what OpenSSL computes, at the place asked for and nowhere else',
  (algorithm) => {
    const size = algorithm === 'sha256' ? 32 : 64;
    for (const input of [Buffer.alloc(0), Buffer.from('abc'), Buffer.alloc(4096, 0xa5)]) {
      const output = new Uint8Array(size + 8).fill(1);
      nativeHash(algorithm)(input, output, 4);
      const expected = Buffer.concat([
        Buffer.alloc(4, 1),
        createHash(algorithm).update(input).digest(),
        Buffer.alloc(4, 1),
      ]);
      expect(Buffer.from(output).equals(expected)).toBe(true);
    }
  },
);
