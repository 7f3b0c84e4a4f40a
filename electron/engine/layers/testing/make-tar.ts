import { pack } from 'tar-stream';
import type { Image } from '../../../../shared/tree/image.ts';
import { nameBytes } from '../../../../shared/tree/table.ts';

/** An entry of a tar that a test makes. */
export interface TarItem {
  readonly name: string;
  readonly type?:
    'file' | 'link' | 'symlink' | 'directory' | 'block-device' | 'character-device' | 'fifo' | 'contiguous-file';
  readonly content?: string | Uint8Array;
  readonly linkname?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Seconds. */
  readonly mtime?: number;
  readonly devmajor?: number;
  readonly devminor?: number;
  /** Records of a pax header in front: values are bytes, or Latin-1. */
  readonly pax?: Readonly<Record<string, string | Uint8Array>>;
  /** As `pax`, for all entries that follow. */
  readonly global?: Readonly<Record<string, string>>;
}

/** Records as they stand in a pax header. */
export function paxRecords(records: Readonly<Record<string, string | Uint8Array>>): Buffer {
  const all = Object.entries(records).map(([key, value]) => {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
    const body = Buffer.concat([Buffer.from(` ${key}=`, 'latin1'), bytes, Buffer.from('\n')]);
    let length = body.length + 1;
    while (body.length + String(length).length !== length) length += 1;
    return Buffer.concat([Buffer.from(String(length)), body]);
  });
  return Buffer.concat(all);
}

/** A ustar archive with pax headers. */
export async function makeTar(items: readonly TarItem[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', mtime = 0, pax, global, ...header } of items) {
    if (global !== undefined) await special('g', paxRecords(global));
    if (pax !== undefined) await special('x', paxRecords(pax));
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    tar.entry({ ...header, size: bytes.length, mtime: new Date(mtime * 1000) }, bytes);
  }
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return fixTypes(Buffer.concat(chunks));

  function special(type: 'x' | 'g', records: Buffer): void {
    // the library writes neither bytes nor global headers: a file in their place, whose type is set afterwards
    tar.entry({ name: `pax-${type}`, size: records.length, mtime: new Date(0) }, records);
  }
}

function fixTypes(tar: Buffer): Buffer {
  for (let at = 0; at + 512 <= tar.length;) {
    const header = tar.subarray(at, at + 512);
    const name = header.subarray(0, 6).toString('latin1');
    if (name === 'pax-x\0' || name === 'pax-g\0') setField(tar, at, 156, name.slice(4, 5));
    at += 512 + Math.ceil(Number.parseInt(header.subarray(124, 135).toString('latin1') || '0', 8) / 512) * 512 || 512;
  }
  return tar;
}

/** Sets bytes of the header at `at`, and its checksum. */
export function setField(tar: Buffer, at: number, field: number, value: string): void {
  tar.write(value, at + field, 'latin1');
  tar.fill(0x20, at + 148, at + 156);
  let sum = 0;
  for (let index = 0; index < 512; index += 1) sum += tar[at + index] ?? 0;
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
}

/** Bytes in pieces of some length. */
export async function* inPieces(bytes: Uint8Array, length = 65536): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

/** Rows by path, Latin-1; the root's is `/`. */
export function rowsByPath({ table }: Image): Map<string, number> {
  const rows = new Map<string, number>();
  const paths: string[] = [''];
  for (let row = 0; row < table.count; row += 1) {
    if (row > 0)
      paths[row] = `${paths[table.parent[row] ?? 0]}/${Buffer.from(nameBytes(table, row)).toString('latin1')}`;
    rows.set(paths[row] || '/', row);
  }
  return rows;
}

/** Raw blocks of a zstd frame: no compression, but the form. */
export function zstdOf(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58])];
  for (let at = 0; at < bytes.length; at += 65536) {
    const block = bytes.subarray(at, at + 65536);
    const header = (block.length << 3) | (at + 65536 >= bytes.length ? 1 : 0);
    parts.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]), block);
  }
  return Buffer.concat(parts);
}
