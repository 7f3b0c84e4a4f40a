/** One line of /proc/PID/mountinfo, escapes undone. @see proc(5); Linux fs/proc_namespace.c, show_mountinfo */
export interface MountinfoLine {
  readonly mountId: number;
  readonly parentId: number;
  /** `major:minor` of the superblock. */
  readonly device: string;
  /** What of the file system is mounted: `/`, or a folder of it. */
  readonly root: string;
  readonly mountpoint: string;
  /** Of the mount: `ro`, `nosuid`, … */
  readonly options: readonly string[];
  readonly type: string;
  readonly source: string;
  /** Of the superblock, as the file system prints them; a comma in a value is escaped by overlayfs as `\,`. */
  readonly superOptions: readonly string[];
}

/** `\040` and the like: the kernel writes so what would end a field (Linux lib/string_helpers.c, seq_escape). */
const unescaped = (text: string): string =>
  text.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * Reads mountinfo.
 *
 * @param text as read; Latin-1 or UTF-8, as the caller likes: what is not ASCII is passed on
 * @returns lines in order; one that is no line of mountinfo is left out
 */
export function parseMountinfo(text: string): readonly MountinfoLine[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [mountId, parentId, device = '', root = '', mountpoint = '', options = ''] = fields;
    const [type = '', source = '', superOptions = ''] = dash === -1 ? [] : fields.slice(dash + 1);
    if (dash === -1 || type === '') return [];
    return [
      {
        mountId: Number(mountId),
        parentId: Number(parentId),
        device,
        root: unescaped(root),
        mountpoint: unescaped(mountpoint),
        options: options.split(','),
        type: unescaped(type),
        source: unescaped(source),
        superOptions: splitOptions(superOptions),
      },
    ];
  });
}

/** Cut at the commas that no backslash escapes; octal escapes undone after, so that a comma in octal is none. */
function splitOptions(text: string): readonly string[] {
  const parts = text.match(/(?:\\.|[^,\\])+/g) ?? [];
  return parts.map((part) => unescaped(part));
}

/** Undoes overlayfs' own escapes in a path of an option: `\:`, `\,`, `\\`. @see Linux fs/overlayfs/params.c */
export const unescapeLayer = (text: string): string => text.replace(/\\(.)/gs, '$1');

/** Layers of an old `lowerdir=A:B::C` string: ordinary ones, then those behind `::`, which are data-only. */
export function splitLowerdir(text: string): {
  readonly lower: readonly string[];
  readonly dataOnly: readonly string[];
} {
  // a colon behind a backslash is a letter, and a backslash behind one ends nothing
  const parts = text.replace(/\\.|:/gs, (found) => (found === ':' ? '\0' : found)).split('\0');
  const lower: string[] = [];
  const dataOnly: string[] = [];
  let isData = false;
  for (const part of parts) {
    if (part === '') isData = true;
    else (isData ? dataOnly : lower).push(unescapeLayer(part));
  }
  return { lower, dataOnly };
}
