import { expect, it } from 'vitest';
import { backed, block, char, dir, fifo, file, imageOf, socket, symlink } from '../testing/table-of.ts';
import { indexObjects } from './objects.ts';
import { countEntries } from './statistics.ts';
import { Flag } from './table.ts';

it('counts entries by kind, objects once, hard links once in bytes, and stubs not at all', () => {
  const image = imageOf(
    dir({
      '00': char(0),
      ff: char(0),
      a: backed(1, 100, { inode: 7 }),
      b: backed(1, 100, { inode: 7 }),
      c: backed(1, 100),
      d: dir({
        empty: file(),
        inline: file({ content: 'hello' }),
        '00': char(0),
        tty: char(0x500),
        loop: block(0x700),
      }),
      e: symlink('a'),
      p: fifo(),
      s: socket(),
      w: file({ flags: Flag.escapedWhiteout }),
    }),
  );
  expect(countEntries(image, indexObjects(image))).toEqual({
    entries: 14,
    directories: 2,
    files: 5,
    inlineFiles: 1,
    backedFiles: 3,
    emptyFiles: 1,
    symlinks: 1,
    devices: 2,
    fifos: 1,
    sockets: 1,
    whiteouts: 2,
    hardLinks: 1,
    objects: 1,
    objectBytes: 100,
    apparentBytes: 205,
  });
});
