import { Menu } from '@base-ui/react/menu';
import { ArrowDown, ArrowUp, Columns3 } from 'lucide-react';
import { useState, type DragEvent, type KeyboardEvent } from 'react';
import type { ImageId, Sort, SortColumn } from '../../shared/contract/values.ts';
import { changeSettings, useSettings } from '../state/settings.ts';
import { columnOrder, moveColumn, shiftColumn, toggleColumn } from './column-layout.ts';
import { columnIds, columnTitle, isNumeric } from './columns.tsx';
import { setSort } from './tree-actions.ts';
import type { ColumnTable } from './use-column-table.ts';

const DRAG_TYPE = 'application/x-composcope-column';
const KEY_STEP_PX = 16;

const currentOrder = (): string[] => columnOrder(columnIds, useSettings.getState().columns.order);

function reorder(order: string[]): void {
  changeSettings({ columns: { ...useSettings.getState().columns, order } });
}

function resize(id: string, width: number): void {
  const { columns } = useSettings.getState();
  changeSettings({
    columns: { ...columns, widths: { ...columns.widths, [id]: Math.min(4000, Math.max(44, width)) } },
  });
}

function onKeyDown(event: KeyboardEvent, id: string, width: number): void {
  if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
  const by = event.key === 'ArrowRight' ? 1 : -1;
  if (event.altKey) reorder(shiftColumn(currentOrder(), useSettings.getState().columns.hidden, id, by));
  else if (event.shiftKey) resize(id, width + by * KEY_STEP_PX);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** The heads of the columns: click sorts, drag moves, the edge resizes; Alt+arrows move and Shift+arrows resize too. */
export function TreeHeader({
  table,
  image,
  sort,
}: {
  readonly table: ColumnTable;
  readonly image: ImageId;
  readonly sort: Sort;
}) {
  const [over, setOver] = useState<string | undefined>(undefined);
  const headers = table.getHeaderGroups()[0]?.headers ?? [];
  const drop = (event: DragEvent, id: string): void => {
    setOver(undefined);
    const dragged = event.dataTransfer.getData(DRAG_TYPE);
    if (dragged !== '') reorder(moveColumn(currentOrder(), dragged, id));
  };
  return (
    <div role="rowgroup" className="tree-head">
      <div role="row" aria-rowindex={1} className="tree-head-row">
        {headers.map((header) => {
          const id = header.column.id;
          const isSorted = sort.column === id;
          return (
            <div
              key={id}
              role="columnheader"
              aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
              className={`tree-head-cell${isNumeric(id) ? ' tree-number' : ''}${over === id ? ' tree-head-over' : ''}`}
              style={{ width: header.getSize() }}
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
                onKeyDown={(event) => onKeyDown(event, id, header.getSize())}
                title={`${columnTitle(id)}: click sorts, drag moves. Alt+← → moves, Shift+← → resizes.`}
              >
                <span className="ellipsis">{columnTitle(id)}</span>
                {isSorted &&
                  (sort.descending ? <ArrowDown size={12} aria-hidden /> : <ArrowUp size={12} aria-hidden />)}
              </button>
              <span
                className="tree-resize"
                aria-hidden="true"
                onMouseDown={header.getResizeHandler()}
                onTouchStart={header.getResizeHandler()}
                onDoubleClick={() => header.column.resetSize()}
              />
            </div>
          );
        })}
        <ColumnMenu />
      </div>
    </div>
  );
}

function ColumnMenu() {
  const columns = useSettings((settings) => settings.columns);
  return (
    <div role="columnheader" className="tree-head-menu">
      <Menu.Root>
        <Menu.Trigger className="icon-button" aria-label="Choose columns" title="Choose columns">
          <Columns3 size={14} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner align="end" sideOffset={4} className="popup-positioner">
            <Menu.Popup className="popup">
              {columnIds.map((id) => (
                <Menu.CheckboxItem
                  key={id}
                  className="popup-item"
                  checked={!columns.hidden.includes(id)}
                  disabled={id === 'name'}
                  closeOnClick={false}
                  onCheckedChange={() => changeSettings({ columns: toggleColumn(columns, id) })}
                >
                  <span className="tree-check" aria-hidden="true">
                    {columns.hidden.includes(id) ? '' : '✓'}
                  </span>
                  {columnTitle(id)}
                </Menu.CheckboxItem>
              ))}
              <div className="popup-separator" />
              <Menu.Item
                className="popup-item"
                onClick={() => changeSettings({ columns: { order: [], hidden: ['links', 'inode'], widths: {} } })}
              >
                <span className="tree-check" aria-hidden="true" />
                As at first
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  );
}
