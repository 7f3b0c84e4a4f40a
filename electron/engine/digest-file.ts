import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { cmdlineSection, isPe, UKI_HEAD, UkiError } from '../../shared/store/uki.ts';

/** Of a file that says a digest: its first line. */
const MAX_LINE = 4096;

/**
 * The text that a file says a digest in: a UKI's kernel command line, or the first line of any other.
 *
 * @returns undefined: there is no regular file of that name
 * @throws UkiError where it is a UKI without a command line, or a broken one; errno errors
 */
export async function digestTextOf(path: string): Promise<string | undefined> {
  const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENAMETOOLONG', 'ENOTDIR'].includes(String(error.code)))
      return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    if (!(await handle.stat()).isFile()) return undefined;
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await handle.read(buffer, 0, length, offset);
      return buffer.subarray(0, bytesRead);
    };
    const head = await read(0, UKI_HEAD);
    if (!isPe(head)) return head.subarray(0, MAX_LINE).toString('utf8').split('\n')[0] ?? '';
    const section = cmdlineSection(head);
    if (section === undefined) throw new UkiError('it has no section .cmdline');
    return (await read(section.offset, section.length)).toString('utf8').replace(/\0+$/, '');
  } finally {
    await handle.close();
  }
}
