import { useCallback, useMemo, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import type { EntryRow, ImageId } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { useSettings } from '../state/settings.ts';
import { useViews, type ImageView } from '../state/views.ts';
import { useRowVersion, useWorkspace } from '../state/workspace.ts';
import { ColumnMenu } from './column-menu.tsx';
import { RowMenu } from './row-menu.tsx';
import { ROW_HEIGHT_PX } from './scroll-scale.ts';
import { act, inOrder, moveTo, setExpanded, toggleSelected, typeAhead } from './tree-actions.ts';
import { TreeHeader } from './tree-header.tsx';
import { treeAction } from './tree-keys.ts';
import { TreeRow } from './tree-row.tsx';
import { useColumnTable } from './use-column-table.ts';
import { placeOf, useFollowFocus } from './use-follow-focus.ts';
import { useVirtualRows } from './use-virtual-rows.ts';

/** Letters typed within this time belong to one word. */
const TYPE_AHEAD_MS = 700;
/** Rows that are drawn at once are fewer: a row that scrolls out hands its elements to the one that scrolls in. */
const SLOTS = 512;
const NAME_AND_WORD_PX = 300;

export interface TreeTableProps {
  readonly image: ImageId;
  readonly view: ImageView;
  readonly onDetails: () => void;
  readonly onQuickLook: () => void;
}

/** The tree of one image as a treegrid: the engine holds the rows, and only those on the screen are here. */
export function TreeTable({ image, view, onDetails, onQuickLook }: TreeTableProps) {
  const { state } = view;
  const { total } = state;
  const hasLayers = useWorkspace(({ images }) => images.some((info) => info.image === image && info.kind === 'stack'));
  const table = useColumnTable(hasLayers);
  const rowVersion = useRowVersion(image);
  const viewId = state.view;
  const load = useCallback(
    async (from: number, to: number) => {
      const reply = await engine.call('rows', { view: viewId, from, to });
      return reply.ok ? reply.value : undefined;
    },
    [viewId],
  );
  const { scroller, pages, items, shift, viewport, bodyHeight } = useVirtualRows<EntryRow>({
    load,
    total,
    // both only rise, so their sum names a state of the rows
    version: view.version + rowVersion,
    initialOffset: () => placeOf(viewId).top,
  });
  useFollowFocus(scroller, view, viewport);

  const isNameSized = useSettings((settings) => settings.columns.widths['name'] !== undefined);
  // behind the name of what is hidden stands why
  const leastName = state.showsHidden && !isNameSized ? NAME_AND_WORD_PX : 0;
  // rows are memoised: as long as nothing of the columns changed, they are the same array
  const columnsKey = table
    .getVisibleLeafColumns()
    .map((column) => `${column.id}:${column.getSize()}`)
    .join();
  const columns = useMemo(
    () =>
      columnsKey.split(',').map((part) => {
        const [id = '', width] = part.split(':');
        return { id, width: id === 'name' ? Math.max(Number(width), leastName) : Number(width) };
      }),
    [columnsKey, leastName],
  );

  const onToggle = useCallback((row: EntryRow) => void setExpanded(image, row.entry, row.expanded !== true), [image]);
  const onPress = useCallback(
    (event: MouseEvent, row: EntryRow, index: number) => {
      // the menu is for the whole selection
      if (event.button === 2 && useViews.getState().views.get(image)?.selected.has(row.entry) === true) return;
      if (event.shiftKey) void moveTo(image, index, true, row);
      else if (event.ctrlKey || event.metaKey) toggleSelected(image, index, row.entry);
      else void moveTo(image, index, false, row);
    },
    [image],
  );
  const onKeyDown = useTreeKeys(image, Math.max(1, Math.floor(viewport / ROW_HEIGHT_PX) - 1), onDetails, onQuickLook);
  const focusedRow = pages.at(view.focus);
  const [hasFocus, setHasFocus] = useState(false);
  const [isMenuOpen, setMenuOpen] = useState(false);
  const width = columns.reduce((sum, column) => sum + column.width, 0);

  return (
    <div className="tree-wrap">
      <RowMenu image={image} view={view} row={focusedRow} onQuickLook={onQuickLook}>
        <div
          ref={scroller}
          className={`tree${hasFocus ? ' tree-has-focus' : ''}${isNameSized ? '' : ' tree-fill'}`}
          role="treegrid"
          tabIndex={0}
          aria-label="Entries of the image"
          aria-rowcount={total + 1}
          aria-multiselectable="true"
          {...(focusedRow?.entry === view.entry ? { 'aria-activedescendant': `row-${view.entry}` } : {})}
          onKeyDown={onKeyDown}
          onFocus={() => setHasFocus(true)}
          onBlur={() => setHasFocus(false)}
        >
          <TreeHeader table={table} image={image} sort={state.sort} width={width} onMenu={() => setMenuOpen(true)} />
          <div role="rowgroup" className="tree-body" style={{ height: bodyHeight, minWidth: width }}>
            {items.map((item) => {
              const index = item.index + shift;
              const row = pages.at(index);
              return (
                <TreeRow
                  key={item.index % SLOTS}
                  row={row}
                  index={index}
                  top={item.index * ROW_HEIGHT_PX}
                  columns={columns}
                  isFocused={row?.entry === view.entry}
                  isSelected={row !== undefined && view.selected.has(row.entry)}
                  onPress={onPress}
                  onToggle={onToggle}
                  onOpen={onDetails}
                />
              );
            })}
          </div>
        </div>
      </RowMenu>
      <ColumnMenu open={isMenuOpen} onOpenChange={setMenuOpen} />
    </div>
  );
}

function useTreeKeys(
  image: ImageId,
  pageRows: number,
  onDetails: () => void,
  onQuickLook: () => void,
): (event: KeyboardEvent) => void {
  const typed = useRef({ text: '', at: 0 });
  return (event) => {
    if (event.target !== event.currentTarget) return; // a column's head has keys of its own
    const action = treeAction(event);
    if (!action) return;
    event.preventDefault();
    if (action.kind !== 'type-ahead') typed.current.at = 0; // what was typed before it is another word
    if (action.kind === 'details') onDetails();
    else if (action.kind === 'quick-look') onQuickLook();
    else if (action.kind === 'type-ahead') {
      const now = Date.now();
      const continues = now - typed.current.at < TYPE_AHEAD_MS;
      const text = continues ? typed.current.text + action.letter : action.letter;
      typed.current = { text, at: now };
      inOrder(() => typeAhead(image, text, continues));
    } else {
      const extend = event.shiftKey;
      inOrder(() => act(image, action, extend, pageRows));
    }
  };
}
