import { memo, type MouseEvent, type ReactNode } from 'react';
import type { EntryRow } from '../../shared/contract/values.ts';
import { kindIcons, twistyIcon } from '../parts/kind-icon.tsx';
import { cellContent, isNumeric } from './columns.tsx';

export interface Column {
  readonly id: string;
  readonly width: number;
}

export interface TreeRowProps {
  readonly row: EntryRow | undefined;
  readonly index: number;
  readonly top: number;
  readonly columns: readonly Column[];
  readonly isFocused: boolean;
  readonly isSelected: boolean;
  readonly onPress: (event: MouseEvent, row: EntryRow, index: number) => void;
  readonly onToggle: (row: EntryRow) => void;
  readonly onOpen: () => void;
}

/** One row. Plain elements and a `title` alone, so that a screen of them draws within a frame in software. */
export const TreeRow = memo(function TreeRow({
  row,
  index,
  top,
  columns,
  isFocused,
  isSelected,
  onPress,
  onToggle,
  onOpen,
}: TreeRowProps) {
  const style = { transform: `translateY(${top}px)` };
  if (!row) {
    return (
      <div role="row" aria-rowindex={index + 2} className="tree-row" style={style}>
        <div role="gridcell" aria-label="loading" className="tree-cell tree-name" />
      </div>
    );
  }
  return (
    <div
      role="row"
      id={`row-${row.entry}`}
      aria-rowindex={index + 2}
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-selected={isSelected}
      {...(row.expanded === undefined ? {} : { 'aria-expanded': row.expanded })}
      className={`tree-row${isSelected ? ' tree-selected' : ''}${isFocused ? ' tree-focused' : ''}${row.matches ? '' : ' tree-ancestor'}${row.hidden === undefined ? '' : ' tree-hidden'}`}
      style={style}
      onMouseDown={(event) => onPress(event, row, index)}
      onDoubleClick={() => (row.expanded === undefined ? onOpen() : onToggle(row))}
    >
      {columns.map(({ id, width }) =>
        id === 'name' ? (
          <NameCell key={id} row={row} width={width} onToggle={onToggle} />
        ) : (
          <Cell key={id} id={id} row={row} width={width} />
        ),
      )}
    </div>
  );
});

function Cell({ id, row, width }: { readonly id: string; readonly row: EntryRow; readonly width: number }): ReactNode {
  const { content, title, isMono = false } = cellContent(id, row);
  return (
    <div
      role="gridcell"
      className={`tree-cell ellipsis${isNumeric(id) ? ' tree-number' : ''}${isMono ? ' mono' : ''}`}
      style={{ width }}
      title={title}
    >
      {content}
    </div>
  );
}

const INDENT_PX = 12;
/** Deeper rows stay at this indent, so that their name is still to be read. */
const MAX_INDENT = 24;

interface NameCellProps {
  readonly row: EntryRow;
  readonly width: number;
  readonly onToggle: (row: EntryRow) => void;
}

function NameCell({ row, width, onToggle }: NameCellProps) {
  const indent = 4 + Math.min(row.depth, MAX_INDENT) * INDENT_PX;
  return (
    <div
      role="gridcell"
      className="tree-cell tree-name"
      style={{ flexBasis: width, paddingLeft: indent }}
      title={row.target === undefined ? row.name : `${row.name} → ${row.target}`}
    >
      <span
        className={`tree-twisty${row.hasChildren ? '' : ' tree-twisty-none'}${row.expanded === true ? ' tree-twisty-open' : ''}`}
        aria-hidden="true"
        onMouseDown={(event) => {
          if (!row.hasChildren) return;
          event.stopPropagation();
          event.preventDefault(); // the focus stays with the tree
          onToggle(row);
        }}
      >
        {row.hasChildren && twistyIcon}
      </span>
      <span className={`tree-kind tree-kind-${row.kind}`} aria-hidden="true">
        {kindIcons[row.kind]}
      </span>
      <span className="ellipsis">
        <span className="tree-text">{row.name}</span>
        {row.target !== undefined && <span className="tree-target"> → {row.target}</span>}
        {row.hidden !== undefined ? (
          <span className="tree-tag">{row.hidden}</span>
        ) : (
          row.kind === 'whiteout' && <span className="tree-tag">whiteout</span>
        )}
      </span>
      {row.problem !== undefined && (
        <span className="tree-broken" title={row.problem}>
          ⚠ broken
        </span>
      )}
    </div>
  );
}
