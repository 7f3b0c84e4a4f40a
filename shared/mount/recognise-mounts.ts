import { splitLowerdir, unescapeLayer } from './mountinfo.ts';
import type { MountinfoLine } from './mountinfo.ts';

/** What mountinfo alone says of a mount that has to do with composefs. */
export interface RecognisedMount {
  readonly line: MountinfoLine;
  readonly kind: 'composefs' | 'overlay' | 'erofs';
  readonly maker: string;
  /** Ordinary lower layers, the uppermost first, as the kernel says them: the image's mount, which is often gone. */
  readonly lower: readonly string[];
  readonly stores: readonly string[];
  readonly verity: 'require' | 'on' | 'off';
  readonly upper: string | undefined;
  readonly work: string | undefined;
  /** Hex: the image's name, where the source has it. */
  readonly imageName: string | undefined;
}

/**
 * Mounts that are made of composefs images, or look so: overlays over EROFS layers or with data-only layers, and EROFS
 * alone. An ordinary overlay of directories, as containers have it, is none.
 *
 * @param lines all of mountinfo
 * @param known mount ids that are known to be such, from elsewhere
 */
export function recogniseMounts(
  lines: readonly MountinfoLine[],
  known: ReadonlySet<number> = new Set(),
): readonly RecognisedMount[] {
  const erofs = new Set(lines.filter(({ type }) => type === 'erofs').map(({ mountpoint }) => mountpoint));
  return lines.flatMap((line): readonly RecognisedMount[] => {
    if (line.type === 'erofs') return [{ ...nothing, line, kind: 'erofs', maker: 'mount', lower: [line.source] }];
    if (line.type !== 'overlay') return [];
    const found = readOverlay(line);
    const isNamed = line.source === 'composefs' || line.source.startsWith('composefs:');
    const isOverErofs = found.lower.some((path) => erofs.has(path) || isHiddenMount(path));
    if (!isNamed && !known.has(line.mountId) && found.stores.length === 0 && !isOverErofs) return [];
    return [{ ...found, kind: found.stores.length > 0 || isNamed ? 'composefs' : 'overlay' }];
  });
}

const nothing = { stores: [], verity: 'off', upper: undefined, work: undefined, imageName: undefined } as const;

/** Where tools attach the image for a moment: mount.composefs in a folder for temporary files, ostree in one of its own. */
const isHiddenMount = (path: string): boolean =>
  /\/\.composefs\.[A-Za-z0-9]{6}$|\/cfsroot-lower$|^\/run\/composcope\/lower\//.test(path);

function readOverlay(line: MountinfoLine): Omit<RecognisedMount, 'kind'> {
  const values = (key: string): readonly string[] =>
    line.superOptions.flatMap((option) => (option.startsWith(`${key}=`) ? [option.slice(key.length + 1)] : []));
  const strings = values('lowerdir').map(splitLowerdir);
  const lower = [...values('lowerdir+').map(unescapeLayer), ...strings.flatMap((part) => part.lower)];
  const stores = [...values('datadir+').map(unescapeLayer), ...strings.flatMap((part) => part.dataOnly)];
  const [verity] = values('verity');
  const imageName = /^composefs:([0-9a-f]{64}|[0-9a-f]{128})$/.exec(line.source)?.[1];
  return {
    line,
    maker: makerOf(line, lower),
    lower,
    stores,
    verity: verity === 'require' || verity === 'on' ? verity : 'off',
    upper: values('upperdir').map(unescapeLayer)[0],
    work: values('workdir').map(unescapeLayer)[0],
    imageName,
  };
}

function makerOf(line: MountinfoLine, lower: readonly string[]): string {
  if (lower.some((path) => /\/\.composefs\.[A-Za-z0-9]{6}$/.test(path))) return 'mount.composefs';
  if (lower.some((path) => path.endsWith('/cfsroot-lower'))) return 'ostree';
  if (line.source.startsWith('composefs:')) return 'composefs-rs';
  if (line.source === 'composefs') return 'libcomposefs';
  return lower.some((path) => path.includes('/composefs-layers/')) ? 'containers-storage' : 'mount';
}
