import { ArrowDown, ArrowUp } from 'lucide-react';
import { useState, type DragEvent, type KeyboardEvent } from 'react';
import type { ImageId, Sort, SortColumn } from '../../shared/contract/values.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { columnOrder, moveColumn, resizeColumn, shiftColumn } from './column-layout.ts';
import { columnIds, columnTitle, isNumeric } from './columns.tsx';
import { ResizeHandle } from './resize-handle.tsx';
import { setSort } from './tree-actions.ts';
import type { ColumnTable } from './use-column-table.ts';

const DRAG_TYPE = 'application/x-composcope-column';
const KEY_STEP_PX = 16;

const currentOrder = (): string[] => columnOrder(columnIds, useSettings.getState().columns.order);

function reorder(order: string[]): void {
  changeSettings({ columns: { ...useSettings.getState().columns, order } });
}

/** Alt moves the column, Shift resizes it. */
function onHeadKey(event: KeyboardEvent, id: string): void {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  const { columns } = useSettings.getState();
  const by = event.key === 'ArrowRight' ? 1 : -1;
  if (event.altKey) reorder(shiftColumn(currentOrder(), columns.hidden, id, by));
  else if (event.shiftKey) {
    const width = event.currentTarget.parentElement?.offsetWidth ?? 0;
    changeSettings({ columns: resizeColumn(columns, id, width + by * KEY_STEP_PX) });
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

export interface TreeHeaderProps {
  readonly table: ColumnTable;
  readonly image: ImageId;
  readonly sort: Sort;
  /** Least width of a row, in CSS pixels. */
  readonly width: number;
  readonly onMenu: () => void;
}

/** The heads of the columns: click sorts, drag moves, the edge resizes; Alt+arrows move and Shift+arrows resize too. */
export function TreeHeader({ table, image, sort, width, onMenu }: TreeHeaderProps) {
  const [over, setOver] = useState<string | undefined>(undefined);
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const drop = (event: DragEvent, id: string): void => {
    setOver(undefined);
    const dragged = event.dataTransfer.getData(DRAG_TYPE);
    if (dragged !== '') reorder(moveColumn(currentOrder(), dragged, id));
  };
  return (
    <div role="rowgroup" className="tree-head" style={{ minWidth: width }}>
      <div role="row" aria-rowindex={1} className="tree-head-row">
        {headers.map((header) => {
          const id = header.column.id;
          const isSorted = sort.column === id;
          return (
            <div
              key={id}
              role="columnheader"
              aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
              className={`tree-head-cell tree-head-${id}${isNumeric(id) ? ' tree-head-number' : ''}${over === id ? ' tree-head-over' : ''}`}
              style={{ flexBasis: header.getSize() }}
              onDragOver={(event) => {
                if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
                event.preventDefault();
                setOver(id);
              }}
              onDragLeave={() => setOver(undefined)}
              onDrop={(event) => drop(event, id)}
            >
              <button
                type="button"
                className="tree-head-button"
                draggable={id !== 'name'}
                onDragStart={(event) => event.dataTransfer.setData(DRAG_TYPE, id)}
                onClick={() =>
                  void setSort(image, { column: id as SortColumn, descending: isSorted && !sort.descending })
                }
                onKeyDown={(event) => onHeadKey(event, id)}
                onContextMenu={(event) => {
                  event.preventDefault();
                  event.stopPropagation(); // the menu of rows is not for heads
                  onMenu();
                }}
                title={`${columnTitle(id)}: click sorts, drag moves. Alt+← → moves, Shift+← → resizes.`}
              >
                <span className="ellipsis">{columnTitle(id)}</span>
                {isSorted &&
                  (sort.descending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
              </button>
              <ResizeHandle id={id} />
            </div>
          );
        })}
      </div>
    </div>
  );
}
