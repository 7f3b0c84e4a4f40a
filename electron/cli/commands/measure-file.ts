import { closeSync, readSync } from 'node:fs';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { VerityDigester } from '../../../shared/verity/fs-verity.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import type { Command } from '../context.ts';
import { openRegularFile, standardInput, STDIN } from '../read-file.ts';

/** Fits into the cache of a core together with what hashing needs. */
const CHUNK = 1 << 18;

/**
 * `composefs-info measure-file`: the fs-verity digest of each file, SHA-256 over blocks of 4096 bytes without salt. An
 * empty file has the kernel's digest, and not the one that 1.0.8 computes (verity.md, section 1).
 */
export const measureFile: Command = ({ out, reporter }, files, { json = false }) => {
  const measured: { readonly file: string; readonly digest: string }[] = [];
  for (const file of files) {
    try {
      const digest = hexOfBytes(measure(file));
      if (json) measured.push({ file, digest });
      else out.text(`${digest}\n`);
    } catch (error) {
      reporter.error(error, file);
    }
  }
  if (json) out.text(`${JSON.stringify({ algorithm: 'sha256', blockSize: 4096, files: measured }, undefined, 2)}\n`);
};

function measure(file: string): Uint8Array {
  const digester = new VerityDigester({ algorithm: 'sha256', hash: nativeHash('sha256') });
  if (file === STDIN) {
    for (const chunk of standardInput()) digester.update(chunk);
    return digester.digest();
  }
  const { fd } = openRegularFile(file);
  try {
    const buffer = new Uint8Array(CHUNK);
    for (;;) {
      const count = readSync(fd, buffer, 0, buffer.length, null);
      if (count === 0) return digester.digest();
      digester.update(buffer.subarray(0, count));
    }
  } finally {
    closeSync(fd);
  }
}
