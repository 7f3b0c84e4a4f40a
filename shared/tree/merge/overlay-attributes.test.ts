import { expect, it } from 'vitest';
import { openImage } from '../../composefs/open-image.ts';
import { validImages } from '../../testing/images.ts';
import { Flag } from '../table.ts';
import { displayBytes } from '../text.ts';

/** What composefs writes for itself, one level up from a layer's own; and what is no name of overlayfs. */
const plain = /^(?:trusted\.overlay\.(?:metacopy|redirect|verity)$|security\.|system\.posix_acl_)/;

it('the walk marks the entries whose attributes a merge need not read, and no others', () => {
  const seen = { plain: 0, others: 0 };
  for (const [name, bytes] of validImages()) {
    const image = openImage(bytes);
    if (image.kind !== 'composefs') continue;
    for (let row = 0; row < image.table.count; row += 1) {
      const flags = image.table.flags[row] ?? 0;
      if ((flags & Flag.xattrs) === 0) continue;
      const names = image.xattrs(row).map((xattr) => displayBytes(xattr.name));
      const isPlain = names.every((text) => plain.test(text));
      expect([name, names, (flags & Flag.plainXattrs) !== 0]).toEqual([name, names, isPlain]);
      seen[isPlain ? 'plain' : 'others'] += 1;
    }
  }
  expect(seen.plain).toBeGreaterThanOrEqual(10);
  expect(seen.others).toBeGreaterThanOrEqual(5);
});
