import { memo, useCallback, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import {
  compareStatuses,
  type CompareCell,
  type CompareRow,
  type CompareState,
} from '../../shared/contract/compare-values.ts';
import { formatBytes, formatMode, formatTime } from '../../shared/tree/format.ts';
import { engine } from '../engine/engine.ts';
import type { RowPages } from '../explore/row-pages.ts';
import { ROW_HEIGHT_PX, scrollTopFor } from '../explore/scroll-scale.ts';
import { treeAction } from '../explore/tree-keys.ts';
import { HEADER_PX } from '../explore/use-follow-focus.ts';
import { useVirtualRows } from '../explore/use-virtual-rows.ts';
import { formatCount } from '../parts/format.ts';
import { kindIcons, twistyIcon } from '../parts/kind-icon.tsx';
import { acceptComparison, focusCompareRow, goToCompareRow, useCompare } from '../state/compare.ts';
import { StatusBadge } from './status-badge.tsx';
import { attributeNames, compareGlyphs } from './words.ts';

const INDENT_PX = 12;
/** Deeper rows stay at this indent, so that their name is still to be read. */
const MAX_INDENT = 24;

/** A column: its head, and what it shows of a row. */
interface Column {
  readonly title: string;
  readonly width: number;
  readonly isNumeric?: boolean;
  readonly cell: (row: CompareRow) => ReactNode;
}

const ofSide = (side: 'a' | 'b', show: (cell: CompareCell) => ReactNode) => (row: CompareRow) => {
  const cell = row[side];
  return cell && show(cell);
};
const size = (cell: CompareCell): ReactNode => (cell.size === undefined ? '' : formatBytes(cell.size));
const modified = (cell: CompareCell): ReactNode => formatTime(cell.mtime, cell.mtimeNsec, 'minute');

const columns: readonly Column[] = [
  { title: 'Status', width: 92, cell: (row) => <StatusBadge status={row.status} /> },
  { title: 'What differs', width: 170, cell: whatDiffers },
  { title: 'Size A', width: 78, isNumeric: true, cell: ofSide('a', size) },
  { title: 'Size B', width: 78, isNumeric: true, cell: ofSide('b', size) },
  { title: 'Mode A', width: 92, cell: ofSide('a', ({ mode }) => <code>{formatMode(mode)}</code>) },
  { title: 'Mode B', width: 92, cell: ofSide('b', ({ mode }) => <code>{formatMode(mode)}</code>) },
  { title: 'Owner A', width: 82, cell: ofSide('a', ({ uid, gid }) => `${uid}:${gid}`) },
  { title: 'Owner B', width: 82, cell: ofSide('b', ({ uid, gid }) => `${uid}:${gid}`) },
  { title: 'Modified A', width: 112, cell: ofSide('a', modified) },
  { title: 'Modified B', width: 112, cell: ofSide('b', modified) },
];
const NAME_PX = 250;
const TOTAL_PX = NAME_PX + columns.reduce((sum, { width }) => sum + width, 0);

/** Of an entry itself, else what lies below it. */
function whatDiffers({ attributes, partner, below }: CompareRow): ReactNode {
  const own = attributes.map((attribute) => attributeNames[attribute]).join(', ');
  if (partner) return `${partner.path}${own === '' ? '' : ` (${own})`}`;
  if (own !== '') return own;
  const sums = compareStatuses.flatMap((status) =>
    status === 'equal' || below[status] === 0 ? [] : [`${compareGlyphs[status]} ${formatCount(below[status])}`],
  );
  return sums.length === 0 ? '' : <span className="dim">below: {sums.join('  ')}</span>;
}

/** The merged tree of both sides as a treegrid: the engine holds the rows, and only those on the screen are here. */
export function DiffTable({ state, onDetails }: { readonly state: CompareState; readonly onDetails: () => void }) {
  const { comparison, total } = state;
  const { focus, row: focusedId, version, scrollTo } = useCompare();
  const load = useCallback(
    async (from: number, to: number) => {
      const reply = await engine.call('compareRows', { comparison, from, to });
      return reply.ok ? reply.value : undefined;
    },
    [comparison],
  );
  const { scroller, pages, items, shift, viewport, bodyHeight } = useVirtualRows<CompareRow>({ load, total, version });
  const done = useRef(-1);
  useEffect(() => {
    const element = scroller.current;
    if (!element || done.current === scrollTo) return;
    done.current = scrollTo;
    const top = scrollTopFor(focus, total, element.scrollTop, element.clientHeight - HEADER_PX);
    if (top !== undefined) element.scrollTo({ top });
  }, [scroller, scrollTo, focus, total]);
  const [hasFocus, setHasFocus] = useState(false);
  const focused = pages.at(focus);

  const moveTo = async (index: number): Promise<void> => {
    const at = Math.min(total - 1, Math.max(0, index));
    const known = pages.at(at) ?? (await rowAt(comparison, at));
    if (known) focusCompareRow(at, known.row);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const action = treeAction(event);
    if (!action) return;
    const page = Math.max(1, Math.floor(viewport / ROW_HEIGHT_PX) - 1);
    switch (action.kind) {
      case 'move':
        void moveTo(focus + action.by);
        break;
      case 'page':
        void moveTo(focus + action.direction * page);
        break;
      case 'edge':
        void moveTo(action.end ? total - 1 : 0);
        break;
      case 'expand':
        if (focused?.expanded === false) void setExpanded(focused, true, false);
        else if (focused?.expanded === true) void moveTo(focus + 1);
        break;
      case 'collapse':
        if (focused?.expanded === true) void setExpanded(focused, false, false);
        else if (focused) void moveTo(parentOf(pages, focus, focused.depth));
        break;
      case 'expand-siblings':
        if (focused) void setExpanded(focused, true, true);
        break;
      case 'details':
        onDetails();
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={`tree compare-tree${hasFocus ? ' tree-has-focus' : ''}`}
      role="treegrid"
      tabIndex={0}
      aria-label="Differences"
      aria-rowcount={total + 1}
      {...(focused?.row === focusedId ? { 'aria-activedescendant': `difference-${focusedId}` } : {})}
      onKeyDown={onKeyDown}
      onFocus={() => setHasFocus(true)}
      onBlur={() => setHasFocus(false)}
    >
      <div role="rowgroup" className="tree-head" style={{ minWidth: TOTAL_PX }}>
        <div role="row" aria-rowindex={1} className="tree-head-row">
          <div role="columnheader" className="compare-head compare-head-name" style={{ width: NAME_PX }}>
            Name
          </div>
          {columns.map(({ title, width, isNumeric = false }) => (
            <div
              key={title}
              role="columnheader"
              className={`compare-head${isNumeric ? ' compare-head-number' : ''}`}
              style={{ width }}
            >
              {title}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="tree-body" style={{ height: bodyHeight, minWidth: TOTAL_PX }}>
        {items.map((item) => {
          const index = item.index + shift;
          const row = pages.at(index);
          return (
            <DiffRow
              key={item.key}
              row={row}
              index={index}
              top={item.index * ROW_HEIGHT_PX}
              isFocused={row !== undefined && row.row === focusedId}
              onOpen={onDetails}
            />
          );
        })}
      </div>
    </div>
  );
}

async function rowAt(comparison: number, at: number): Promise<CompareRow | undefined> {
  const reply = await engine.call('compareRows', { comparison, from: at, to: at + 1 });
  return reply.ok ? reply.value[0] : undefined;
}

/** The nearest row above that is one level up, as far as rows are loaded. */
function parentOf(pages: RowPages<CompareRow>, from: number, depth: number): number {
  for (let at = from - 1; at >= 0; at -= 1) {
    const row = pages.at(at);
    if (row === undefined || row.depth < depth) return at;
  }
  return 0;
}

async function setExpanded({ row }: CompareRow, expanded: boolean, recursive: boolean): Promise<void> {
  const { state } = useCompare.getState();
  if (!state) return;
  const reply = await engine.call('setCompareExpanded', { comparison: state.comparison, row, expanded, recursive });
  acceptComparison('Could not open the folder', reply);
}

interface DiffRowProps {
  readonly row: CompareRow | undefined;
  readonly index: number;
  readonly top: number;
  readonly isFocused: boolean;
  readonly onOpen: () => void;
}

const DiffRow = memo(function DiffRow({ row, index, top, isFocused, onOpen }: DiffRowProps) {
  const style = { transform: `translateY(${top}px)` };
  if (!row) {
    return (
      <div role="row" aria-rowindex={index + 2} className="tree-row" style={style}>
        <div role="gridcell" aria-label="loading" className="tree-cell tree-name" />
      </div>
    );
  }
  const { depth, expanded, status, partner } = row;
  const kind = (row.b ?? row.a)?.kind ?? 'unknown';
  const toggle = (): void => {
    if (expanded !== undefined) void setExpanded(row, !expanded, false);
  };
  return (
    <div
      role="row"
      id={`difference-${row.row}`}
      aria-rowindex={index + 2}
      aria-level={depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={isFocused}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
      className={`tree-row compare-row-${status}${isFocused ? ' tree-selected tree-focused' : ''}`}
      style={style}
      onMouseDown={() => focusCompareRow(index, row.row)}
      onDoubleClick={() =>
        expanded === undefined ? (partner ? void goToCompareRow(partner.row) : onOpen()) : toggle()
      }
    >
      <div
        role="gridcell"
        className="tree-cell tree-name compare-name"
        style={{ width: NAME_PX, paddingLeft: 4 + Math.min(depth, MAX_INDENT) * INDENT_PX }}
        title={row.name}
      >
        <span
          className={`tree-twisty${row.hasChildren ? '' : ' tree-twisty-none'}${expanded === true ? ' tree-twisty-open' : ''}`}
          aria-hidden="true"
          onMouseDown={(event) => {
            event.stopPropagation();
            toggle();
          }}
        >
          {row.hasChildren && twistyIcon}
        </span>
        <span className={`tree-kind tree-kind-${kind}`} aria-hidden="true">
          {kindIcons[kind]}
        </span>
        <span className="ellipsis">{row.name}</span>
      </div>
      {columns.map(({ title, width, isNumeric = false, cell }) => (
        <div
          key={title}
          role="gridcell"
          className={`tree-cell ellipsis${isNumeric ? ' tree-number' : ''}`}
          style={{ width }}
        >
          {cell(row)}
        </div>
      ))}
    </div>
  );
});
