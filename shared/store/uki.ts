/** Where a section of a file lies, in bytes. */
export interface Section {
  readonly offset: number;
  readonly length: number;
}

/** Of a file that begins with MZ and is no UKI, or a broken one. */
export class UkiError extends Error {
  override readonly name = 'UkiError';
}

/** Bytes of a UKI that its section table ends within: stubs have a few hundred. */
export const UKI_HEAD = 1 << 16;
const MAX_CMDLINE = 1 << 16;
const [DOS_HEADER, PE_HEADER, SECTION] = [64, 24, 40];

/** Whether a file is a PE image, as unified kernel images are. */
export const isPe = (head: Uint8Array): boolean => head[0] === 0x4d && head[1] === 0x5a;

/**
 * Finds the kernel's command line in a unified kernel image: its section `.cmdline`.
 *
 * @param head the first bytes of the file, `UKI_HEAD` where it has as many
 * @returns undefined: there is no such section
 * @throws UkiError where it is no PE image, or its headers do not fit in
 * @see PE/COFF: the DOS header's e_lfanew at 0x3c, then PE\0\0, the COFF header, and the section table; UAPI.5, Unified Kernel Image
 */
export function cmdlineSection(head: Uint8Array): Section | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const need = (end: number, what: string): void => {
    if (end <= head.length) return;
    throw new UkiError(`${what} ends at byte ${end}, behind the first ${head.length} of the file`);
  };
  need(DOS_HEADER, 'the DOS header');
  const pe = view.getUint32(0x3c, true);
  need(pe + PE_HEADER, 'the PE header');
  const magic = view.getUint32(pe, true);
  if (!isPe(head) || magic !== 0x4550) {
    throw new UkiError(`expected PE at byte ${pe}, found 0x${magic.toString(16)}`);
  }
  const sections = view.getUint16(pe + 6, true);
  const table = pe + PE_HEADER + view.getUint16(pe + 20, true);
  need(table + sections * SECTION, 'the section table');
  for (let at = table; at < table + sections * SECTION; at += SECTION) {
    const name = String.fromCharCode(...head.subarray(at, at + 8)).replace(/\0+$/, '');
    if (name !== '.cmdline') continue;
    // what is stored may be padded, what is used may be less than that
    const [used, stored] = [view.getUint32(at + 8, true), view.getUint32(at + 16, true)];
    const length = Math.min(used === 0 ? stored : used, stored);
    if (length > MAX_CMDLINE) {
      throw new UkiError(`.cmdline has at most ${MAX_CMDLINE} bytes, found ${length} at byte ${at + 8}`);
    }
    return { offset: view.getUint32(at + 20, true), length };
  }
  return undefined;
}
