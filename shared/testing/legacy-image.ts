/** A node of an image in the 2023 format, as its writer had it. */
export interface LegacyNode {
  readonly mode: number;
  readonly size?: number;
  /** Target of a symlink, backing path of a file. */
  readonly payload?: string;
  readonly digest?: Uint8Array;
  readonly xattrs?: Readonly<Record<string, string>>;
  readonly rdev?: number;
  readonly children?: Readonly<Record<string, LegacyNode>>;
}

/** Writes an image as the tools 0.1 did (legacy-cfs.md): one row an inode, breadth first. Equal nodes are hard links. */
export function legacyImage(root: LegacyNode): Uint8Array {
  const nodes: LegacyNode[] = [root];
  for (const node of nodes) {
    for (const child of Object.values(node.children ?? {})) if (!nodes.includes(child)) nodes.push(child);
  }
  const vdata: number[] = [];
  const vdataOffset = 128 + 96 * nodes.length;
  const header = new DataView(new ArrayBuffer(vdataOffset));
  header.setUint32(0, 1, true);
  header.setUint32(4, 0xc078629a, true);
  header.setBigUint64(8, BigInt(vdataOffset), true);
  const put = (at: number, bytes: readonly number[]): void => {
    header.setBigUint64(at, BigInt(vdata.length), true);
    header.setUint32(at + 8, bytes.length, true);
    vdata.push(...bytes);
  };
  nodes.forEach((node, index) => {
    const at = 128 + 96 * index;
    header.setUint32(at, node.mode, true);
    header.setUint32(at + 4, 1, true);
    header.setUint32(at + 0x10, node.rdev ?? 0, true);
    header.setBigUint64(at + 0x14, BigInt(node.size ?? 0), true);
    const names = Object.entries(node.children ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (names.length > 0) put(at + 0x34, dirents(names, nodes));
    else if (node.payload !== undefined) put(at + 0x34, ascii(node.payload));
    if (node.digest) put(at + 0x4c, [...node.digest]);
    const xattrs = Object.entries(node.xattrs ?? {});
    if (xattrs.length > 0) {
      const lengths = xattrs.flatMap(([key, value]) => [...u16(key.length), ...u16(value.length)]);
      put(at + 0x40, [...u16(xattrs.length), ...lengths, ...xattrs.flatMap(([key, value]) => ascii(key + value))]);
    }
  });
  return Uint8Array.from([...new Uint8Array(header.buffer), ...vdata]);
}

function dirents(names: readonly (readonly [string, LegacyNode])[], nodes: readonly LegacyNode[]): number[] {
  let offset = 0;
  const table: number[] = [...u32(names.length)];
  for (const [name, node] of names) {
    table.push(...u32(nodes.indexOf(node)), ...u32(offset), name.length, node.mode >>> 12, 0, 0);
    offset += name.length;
  }
  return [...table, ...names.flatMap(([name]) => ascii(name))];
}

const u16 = (value: number): number[] => [value & 0xff, value >>> 8];
const u32 = (value: number): number[] => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24];
const ascii = (text: string): number[] => Array.from(text, (letter) => letter.charCodeAt(0));
