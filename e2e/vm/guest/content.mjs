import { createCipheriv, createHash } from 'node:crypto';

/** Bytes that look random and are the same in each run. @param {string} name @param {number} size */
export function contentOf(name, size) {
  const key = createHash('sha256').update(name).digest();
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
