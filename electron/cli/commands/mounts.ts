import type { LiveMount, TracedImage } from '../../../shared/contract/mount-values.ts';
import type { Command } from '../context.ts';
import { inOneLine, withMounts } from '../mounts.ts';

/** Every composefs mount of the system, whoever made it. */
export const mounts: Command = async ({ out }, _, { json = false }) => {
  await withMounts(async (service) => {
    const { mounts: live, leftovers } = await service.list();
    if (json) {
      out.text(`${JSON.stringify({ mounts: live, leftovers }, undefined, 2)}\n`);
      return;
    }
    out.text(live.length === 0 ? 'No composefs image is mounted.\n' : live.map(formatMount).join('\n'));
    for (const { sentence } of leftovers) out.text(`\n${sentence} \`composcope umount --clear\` does it.\n`);
  });
};

function formatMount(mount: LiveMount): string {
  const facts: [string, string | undefined][] = [
    ['kind', `${mount.kind}, ${mount.readOnly ? 'read-only' : 'writable'}`],
    ['made by', mount.owner === undefined ? mount.maker : `${mount.maker}, for user ${mount.owner}`],
    ...mount.images.flatMap((image): [string, string | undefined][] => [
      ['image', formatImage(image)],
      ['digest', image.digest],
    ]),
    ...mount.stores.map((store): [string, string] => ['store', store]),
    ['verity', mount.verity],
    ['upper', mount.upper],
    ['work', mount.work],
    ['options', mount.options.join(',')],
  ];
  const lines = facts.flatMap(([label, value]) =>
    value === undefined ? [] : [`  ${label.padEnd(8)} ${inOneLine(value)}\n`],
  );
  return `${inOneLine(mount.mountpoint)}\n${lines.join('')}`;
}

const ways = {
  recorded: 'as Composcope recorded it',
  loop: 'by its loop device',
  source: 'as the kernel says',
  matched: 'by its inode numbers',
  unknown: '',
} as const;

const formatImage = ({ path, by, note }: TracedImage): string =>
  path === undefined ? (note ?? 'not known') : `${path} (${ways[by]})`;
