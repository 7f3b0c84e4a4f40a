import { useTable } from '@tanstack/react-table';
import { useMemo } from 'react';
import type { EntryRow } from '../../shared/contract/values.ts';
import { useSettings } from '../state/settings.ts';
import { columnOrder } from './column-layout.ts';
import { columnIds, entryColumns, entryFeatures } from './columns.tsx';

const noRows: readonly EntryRow[] = [];

/** The table's columns as the person left them: order, width, which of them show. Rows come from the engine by page. @param hasLayers whether an image's rows are of layers */
export function useColumnTable(hasLayers: boolean) {
  const columns = useSettings((settings) => settings.columns);
  const state = useMemo(
    () => ({
      columnOrder: columnOrder(columnIds, columns.order),
      columnVisibility: {
        ...Object.fromEntries(columns.hidden.map((id) => [id, false])),
        ...(hasLayers ? {} : { layer: false }),
      },
      columnSizing: columns.widths,
    }),
    [columns, hasLayers],
  );
  return useTable({ features: entryFeatures, columns: entryColumns, data: noRows, state });
}

export type ColumnTable = ReturnType<typeof useColumnTable>;
