import type { PlacedContent } from '../../../../composefs/writer/write-image.ts';
import { inlineBytes } from '../../compare-entries.ts';
import { objectNameOf } from '../../../rebuild-image.ts';
import { digestBytes, redirectBytes } from '../../../row.ts';
import { Flag, S_IFMT, S_IFREG } from '../../../table.ts';
import { displayBytes, equalBytes } from '../../../text.ts';
import type { DraftImage } from '../../../draft-image.ts';
import { inlineThreshold } from '../rules/inline-threshold.ts';
import { otherRedirect } from '../rules/other-redirect.ts';
import { withoutDigest } from '../rules/without-digest.ts';
import type { Transform } from './transform.ts';

/** What mkcomposefs and composefs-rs keep in the image, in bytes. */
export const INLINE_THRESHOLD = 64;

/** Says where files are to be that are found to be elsewhere. */
function placeEach(draft: DraftImage, placed: (row: number) => PlacedContent | undefined): boolean {
  const { table } = draft;
  const contents = new Map<number, PlacedContent>();
  for (let row = 0; row < table.count; row += 1) {
    const number = table.inode[row] ?? 0;
    const isFile = ((table.mode[row] ?? 0) & S_IFMT) === S_IFREG && (table.size[row] ?? 0) > 0;
    if (!isFile || contents.has(number) || ((table.flags[row] ?? 0) & Flag.escapedWhiteout) !== 0) continue;
    const content = placed(row);
    if (content !== undefined) contents.set(number, content);
  }
  draft.place(contents);
  return contents.size > 0;
}

const isBacked = ({ table }: DraftImage, row: number): boolean => ((table.flags[row] ?? 0) & Flag.backed) !== 0;

export const allInObjects: Transform = {
  transform: 'T12',
  what: 'small files put into objects',
  cause: inlineThreshold,
  group: 'inline',
  apply: (draft, { digestOf }) =>
    placeEach(draft, (row) => {
      const bytes = isBacked(draft, row) ? undefined : inlineBytes(draft, row);
      if (bytes === undefined || bytes.length === 0) return undefined;
      const digest = digestOf(bytes);
      return { redirect: objectNameOf(digest), digest };
    }),
};

/** What is done to where the bytes of files are. */
export const contentTransforms: readonly Transform[] = [
  allInObjects,
  {
    transform: 'T12',
    what: `files of at most ${INLINE_THRESHOLD} bytes put into the image, all others into objects`,
    cause: inlineThreshold,
    group: 'inline',
    apply: (draft, { contents, digestOf }) => {
      const { table } = draft;
      return placeEach(draft, (row) => {
        if (isBacked(draft, row)) {
          const bytes = (table.size[row] ?? 0) <= INLINE_THRESHOLD ? contents.get(table.inode[row] ?? 0) : undefined;
          return bytes === undefined ? undefined : { inline: bytes };
        }
        const bytes = inlineBytes(draft, row);
        if (bytes === undefined || bytes.length <= INLINE_THRESHOLD) return undefined;
        const digest = digestOf(bytes);
        return { redirect: objectNameOf(digest), digest };
      });
    },
  },
  {
    transform: 'T13',
    what: 'digests left out',
    cause: withoutDigest,
    group: 'digests',
    apply: (draft) => {
      const { count, digestOffset } = draft.table;
      if (!digestOffset.subarray(0, count).some((offset) => offset !== 0)) return false;
      draft.column('digestOffset').fill(0);
      return true;
    },
  },
  {
    transform: 'T13',
    what: 'digests added that the redirects name',
    cause: withoutDigest,
    group: 'digests',
    apply: (draft) =>
      placeEach(draft, (row) => {
        const redirect = redirectBytes(draft.table, row);
        if (redirect === undefined || digestBytes(draft.table, row) !== undefined) return undefined;
        const hex = /^([0-9a-f]{2})\/([0-9a-f]{62}|[0-9a-f]{126})$/.exec(displayBytes(redirect));
        if (hex === null) return undefined;
        const digits = `${hex[1] ?? ''}${hex[2] ?? ''}`.match(/../g) ?? [];
        return { redirect, digest: Uint8Array.from(digits, (two) => Number.parseInt(two, 16)) };
      }),
  },
  {
    transform: 'D25',
    what: 'redirects made of the digests',
    cause: otherRedirect,
    group: 'redirects',
    formats: [0, 1],
    apply: (draft) =>
      placeEach(draft, (row) => {
        const [redirect, digest] = [redirectBytes(draft.table, row), digestBytes(draft.table, row)];
        if (redirect === undefined || digest === undefined) return undefined;
        const own = objectNameOf(digest);
        return equalBytes(own, redirect) ? undefined : { redirect: own, digest: digest.slice() };
      }),
  },
];
