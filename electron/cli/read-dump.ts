import { closeSync, readSync } from 'node:fs';
import { DumpReader } from '../../shared/composefs/dump-reader/dump-reader.ts';
import type { Image } from '../../shared/tree/image.ts';
import { openRegularFile, standardInput, STDIN } from './read-file.ts';

/** The text is read in pieces of this many bytes: it is never in memory as a whole. */
const CHUNK = 1 << 20;

/** Reads a dump, a file or standard input. @throws ImageError with line and column; errno errors */
export function readDump(file: string): Image {
  const reader = new DumpReader();
  if (file === STDIN) {
    for (const chunk of standardInput()) reader.push(chunk);
    return reader.finish();
  }
  const { fd } = openRegularFile(file);
  try {
    const buffer = new Uint8Array(CHUNK);
    for (let count = readSync(fd, buffer); count > 0; count = readSync(fd, buffer)) {
      reader.push(buffer.subarray(0, count));
    }
    return reader.finish();
  } finally {
    closeSync(fd);
  }
}
