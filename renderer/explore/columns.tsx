import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  tableFeatures,
} from '@tanstack/react-table';
import type { ReactNode } from 'react';
import type { EntryRow, SortColumn } from '../../shared/contract/values.ts';
import { formatBytes, formatMode, formatTime } from '../../shared/tree/format.ts';
import { formatCount, shortenMiddle } from '../parts/format.ts';
import { LayerBadge } from '../parts/layer-badge.tsx';
import { VerityBadge } from '../parts/verity-badge.tsx';
import { MIN_WIDTH_PX } from './column-layout.ts';

/** Columns are data: what the tree table can show of a row, by column id. */
export const entryFeatures = tableFeatures({
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});

const column = createColumnHelper<typeof entryFeatures, EntryRow>();

const titles: Readonly<Record<SortColumn, string>> = {
  name: 'Name',
  size: 'Size',
  mode: 'Mode',
  owner: 'Owner',
  modified: 'Modified',
  links: 'Links',
  inode: 'Inode',
  redirect: 'Redirect',
  digest: 'Digest',
  verity: 'Verity',
  layer: 'Layer',
};

/** In CSS pixels. The name's is its least: it takes what the others leave. */
const sizes: Readonly<Record<SortColumn, number>> = {
  name: 200,
  size: 60,
  mode: 82,
  owner: 56,
  modified: 94,
  links: 52,
  inode: 72,
  redirect: 82,
  digest: 94,
  verity: 120,
  layer: 56,
};

export const columnIds: readonly SortColumn[] = [
  'name',
  'layer',
  'size',
  'verity',
  'redirect',
  'mode',
  'owner',
  'modified',
  'digest',
  'links',
  'inode',
];

export const entryColumns = column.columns(
  columnIds.map((id) =>
    column.display({ id, header: titles[id], size: sizes[id], minSize: MIN_WIDTH_PX, enableHiding: id !== 'name' }),
  ),
);

export const columnTitle = (id: string): string => titles[id as SortColumn] ?? id; // ids are those above

/** Right-aligned: numbers. */
export const isNumeric = (id: string): boolean => id === 'size' || id === 'links' || id === 'inode';

export interface CellContent {
  readonly content: ReactNode;
  /** The whole text, where that is shortened. */
  readonly title?: string;
  readonly isMono?: boolean;
}

const nothing: CellContent = { content: null };

/** A narrow column shows the day alone: the time of day wraps out of sight. */
function DayAndTime({ text }: { readonly text: string }) {
  const [day, time] = text.split(' ');
  return (
    <span className="tree-day">
      <span>{day}</span> {time !== undefined && <span>{time}</span>}
    </span>
  );
}

/** What a cell shows. */
export function cellContent(id: string, row: EntryRow): CellContent {
  // ids are those above
  switch (id as SortColumn) {
    case 'size':
      return row.size === undefined
        ? nothing
        : { content: formatBytes(row.size), title: `${formatCount(row.size)} bytes` };
    case 'mode':
      return { content: formatMode(row.mode), title: `0${(row.mode & 0o7777).toString(8)}`, isMono: true };
    case 'owner':
      return { content: `${row.uid}:${row.gid}`, title: `uid ${row.uid}, gid ${row.gid}` };
    case 'modified':
      return {
        content: <DayAndTime text={formatTime(row.mtime, row.mtimeNsec, 'minute')} />,
        title: formatTime(row.mtime, row.mtimeNsec, 'full'),
      };
    case 'links':
      return { content: formatCount(row.nlink) };
    case 'inode':
      return { content: String(row.inode) };
    case 'redirect':
      return row.redirect === undefined
        ? nothing
        : { content: shortenMiddle(row.redirect, 5, 4), title: row.redirect, isMono: true };
    case 'digest':
      return row.digest === undefined
        ? nothing
        : { content: shortenMiddle(row.digest), title: row.digest, isMono: true };
    case 'verity':
      return { content: <VerityBadge status={row.verity} /> };
    case 'layer':
      return row.layer === undefined ? nothing : { content: <LayerBadge number={row.layer} /> };
    case 'name':
      return { content: row.name };
  }
}
