import {
  columnOrderingFeature,
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
} from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { EntryRow, SortColumn } from '../../shared/contract/values.ts';
import { formatBytes, formatMode, formatTime } from '../../shared/tree/format.ts';
import { formatCount, shortenMiddle } from '../parts/format.ts';
import { VerityBadge } from '../parts/verity-badge.tsx';

/** Columns are data: what the tree table can show of a row, by column id. */
export const entryFeatures = tableFeatures({
  columnOrderingFeature,
  columnSizingFeature,
  columnResizingFeature,
  columnVisibilityFeature,
});

const column = createColumnHelper<typeof entryFeatures, EntryRow>();

const titles: Readonly<Record<SortColumn, string>> = {
  name: 'Name',
  size: 'Size',
  mode: 'Mode',
  owner: 'Owner',
  modified: 'Modified (UTC)',
  links: 'Links',
  inode: 'Inode',
  redirect: 'Redirect',
  digest: 'Digest',
  verity: 'Verity',
};

const sizes: Readonly<Record<SortColumn, number>> = {
  name: 250,
  size: 72,
  mode: 98,
  owner: 64,
  modified: 138,
  links: 56,
  inode: 76,
  redirect: 124,
  digest: 112,
  verity: 134,
};

export const columnIds: readonly SortColumn[] = [
  'name',
  'size',
  'verity',
  'mode',
  'owner',
  'modified',
  'redirect',
  'digest',
  'links',
  'inode',
];

export const entryColumns = column.columns(
  columnIds.map((id) =>
    column.display({ id, header: titles[id], size: sizes[id], minSize: 44, enableHiding: id !== 'name' }),
  ),
);

export const columnTitle = (id: string): string => titles[id as SortColumn] ?? id; // ids are those above

/** Right-aligned: numbers. */
export const isNumeric = (id: string): boolean => id === 'size' || id === 'links' || id === 'inode';

/** What a cell shows, and its whole text where that is shortened. */
export function cellContent(id: string, row: EntryRow): { readonly content: ReactNode; readonly title?: string } {
  switch (id as SortColumn) {
    case 'size':
      return row.size === undefined
        ? { content: '' }
        : { content: formatBytes(row.size), title: `${formatCount(row.size)} bytes` };
    case 'mode':
      return {
        content: <span className="mono">{formatMode(row.mode)}</span>,
        title: `0${(row.mode & 0o7777).toString(8)}`,
      };
    case 'owner':
      return { content: `${row.uid}:${row.gid}` };
    case 'modified':
      return {
        content: formatTime(row.mtime, row.mtimeNsec, 'minute'),
        title: formatTime(row.mtime, row.mtimeNsec, 'full'),
      };
    case 'links':
      return { content: formatCount(row.nlink) };
    case 'inode':
      return { content: String(row.inode) };
    case 'redirect':
      return row.redirect === undefined
        ? { content: '' }
        : { content: <span className="mono">{shortenMiddle(row.redirect, 8, 4)}</span>, title: row.redirect };
    case 'digest':
      return row.digest === undefined
        ? { content: '' }
        : { content: <span className="mono">{shortenMiddle(row.digest)}</span>, title: row.digest };
    case 'verity':
      return { content: <VerityBadge status={row.verity} /> };
    case 'name':
      return { content: row.name };
  }
}
