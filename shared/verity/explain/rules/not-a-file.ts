import { finding, type Rule } from '../evidence.ts';

const what: Readonly<Record<string, string>> = {
  ELOOP: 'a symbolic link',
  EISDIR: 'a folder',
  ENXIO: 'a device, FIFO or socket',
  ENOTDIR: 'something on the way that is not a folder',
};

/** Something lies there that overlayfs does not take for an object. */
export const notAFile: Rule = {
  id: 'not-a-file',
  examine: async ({ status, errno, reason }) => {
    const kind = errno === undefined ? undefined : what[errno];
    if ((status !== 'unreadable' && status !== 'missing') || kind === undefined) return undefined;
    return finding(
      'not-a-file',
      'certain',
      `In its place is ${kind}: overlayfs takes regular files only, and follows no symlink to them.`,
      [
        ['Errno', errno ?? ''],
        ['Seen', reason ?? ''],
      ],
      'Replace it by the file itself (a copy, or a hard link).',
    );
  },
};
