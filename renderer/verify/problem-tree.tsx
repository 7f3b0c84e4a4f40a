import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useReducer, useRef, useState, type KeyboardEvent } from 'react';
import type { ObjectRef, ProblemGroup, ProblemGrouping, ProblemObject } from '../../shared/contract/verify-values.ts';
import { ruleTitles } from '../../shared/contract/verify-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { engine } from '../engine/engine.ts';
import { formatCount } from '../parts/format.ts';
import { VerityBadge } from '../parts/verity-badge.tsx';
import { useVerify } from '../state/verify.ts';

const ROW_PX = 44;
const PAGE = 100;
/** Groups with at most this many problems are open at first. */
const OPEN_AT_FIRST = 50;

export const refKey = (ref: ObjectRef): string =>
  'image' in ref ? `image ${ref.image} ${ref.entry}` : `store ${ref.store} ${ref.name}`;

/** A line: a group, or a problem by its place in one. */
type Line = { readonly group: ProblemGroup } | { readonly group: ProblemGroup; readonly index: number };

export interface ProblemTreeProps {
  readonly by: ProblemGrouping;
  readonly groups: readonly ProblemGroup[];
  readonly version: number;
}

/** The problems in their groups: arrows walk them, Enter opens the page of one. Rows come as they are scrolled to. */
export function ProblemTree({ by, groups, version }: ProblemTreeProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const selected = useVerify((state) => state.selected);
  const [closed, setClosed] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [focus, setFocus] = useState(0);
  const rowOf = useProblemRows(by, version);
  const isOpen = (group: ProblemGroup): boolean => !(closed.get(group.key) ?? group.count > OPEN_AT_FIRST);
  const spans = useMemo(() => {
    let at = 0;
    return groups.map((group) => {
      const from = at;
      const open = !(closed.get(group.key) ?? group.count > OPEN_AT_FIRST);
      at += 1 + (open ? group.count : 0);
      return { group, from, to: at };
    });
  }, [groups, closed]);
  const total = spans.at(-1)?.to ?? 0;
  const lineAt = (index: number): Line | undefined => {
    const span = spans.find(({ from, to }) => index >= from && index < to);
    if (span === undefined) return undefined;
    return index === span.from ? { group: span.group } : { group: span.group, index: index - span.from - 1 };
  };
  const virtualizer = useVirtualizer({
    count: total,
    estimateSize: () => ROW_PX,
    getScrollElement: () => scroller.current,
    overscan: 6,
  });
  const at = Math.min(focus, Math.max(0, total - 1));
  const moveTo = (index: number): void => {
    const next = Math.min(Math.max(0, index), total - 1);
    setFocus(next);
    virtualizer.scrollToIndex(next);
    const line = lineAt(next);
    if (line && 'index' in line) void select(by, line.group, line.index, rowOf(line.group, line.index));
  };
  const toggle = (group: ProblemGroup, open: boolean): void => setClosed(new Map(closed).set(group.key, !open));
  const activate = (index: number): void => {
    const line = lineAt(index);
    if (line === undefined) return;
    setFocus(index);
    if ('index' in line) void select(by, line.group, line.index, rowOf(line.group, line.index));
    else toggle(line.group, !isOpen(line.group));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const line = lineAt(at);
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => moveTo(at + 1),
      ArrowUp: () => moveTo(at - 1),
      PageDown: () => moveTo(at + 10),
      PageUp: () => moveTo(at - 10),
      Home: () => moveTo(0),
      End: () => moveTo(total - 1),
      Enter: () => activate(at),
      ' ': () => activate(at),
      ArrowRight: () => line && !('index' in line) && toggle(line.group, true),
      ArrowLeft: () => {
        if (line === undefined) return;
        if ('index' in line) moveTo(spans.find(({ group }) => group === line.group)?.from ?? 0);
        else toggle(line.group, false);
      },
    };
    const move = moves[event.key];
    if (!move || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move();
  };
  return (
    <div
      ref={scroller}
      className="problems"
      role="tree"
      aria-label="Problems"
      tabIndex={0}
      aria-activedescendant={total > 0 ? `problem-${at}` : undefined}
      onKeyDown={onKeyDown}
    >
      <div role="presentation" style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map((item) => {
          const line = lineAt(item.index);
          if (line === undefined) return null;
          const problem = 'index' in line ? rowOf(line.group, line.index) : undefined;
          const isSelected =
            problem !== undefined && selected !== undefined && refKey(problem.ref) === refKey(selected);
          return (
            <div
              key={item.key}
              id={`problem-${item.index}`}
              role="treeitem"
              tabIndex={-1}
              aria-level={'index' in line ? 2 : 1}
              aria-selected={isSelected}
              {...('index' in line ? {} : { 'aria-expanded': isOpen(line.group) })}
              className={`problem-row ${'index' in line ? '' : 'problem-group'} ${item.index === at ? 'problem-focus' : ''}`}
              style={{ transform: `translateY(${item.start}px)`, height: ROW_PX }}
              onClick={() => activate(item.index)}
              onKeyDown={() => {}}
            >
              {'index' in line ? (
                <ProblemLine problem={problem} />
              ) : (
                <GroupLine group={line.group} open={isOpen(line.group)} />
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Opens the page of a problem; one whose row is still on its way is asked for by itself. */
async function select(
  by: ProblemGrouping,
  group: ProblemGroup,
  index: number,
  known: ProblemObject | undefined,
): Promise<void> {
  if (known !== undefined) {
    useVerify.setState({ selected: known.ref });
    return;
  }
  const reply = await engine.call('problemRows', { by, key: group.key, from: index, to: index + 1 });
  const [problem] = reply.ok ? reply.value : [];
  if (problem !== undefined) useVerify.setState({ selected: problem.ref });
}

function GroupLine({ group, open }: { readonly group: ProblemGroup; readonly open: boolean }) {
  return (
    <>
      <span className="problem-twisty" aria-hidden="true">
        {open ? '▾' : '▸'}
      </span>
      <span className="problem-title ellipsis">
        {group.status === undefined ? (
          group.title
        ) : (
          <>
            <VerityBadge status={group.status} /> {group.title !== group.status && <span>{group.title}</span>}
          </>
        )}
      </span>
      <span className="dim">
        {formatCount(group.count)} · {formatBytes(group.bytes)}
      </span>
    </>
  );
}

function ProblemLine({ problem }: { readonly problem: ProblemObject | undefined }) {
  if (problem === undefined) return <span className="dim problem-name">…</span>;
  const { path, redirect, status, cause, uses, size, imageName } = problem;
  return (
    <div className="problem-name">
      <span className="ellipsis" title={path ?? redirect}>
        {path ?? redirect}
      </span>
      <span className="problem-facts dim ellipsis">
        <VerityBadge status={status} /> {cause !== undefined && `${ruleTitles[cause]} · `}
        {formatBytes(size)}
        {uses > 1 && ` · ${formatCount(uses)} paths`}
        {imageName !== undefined && ` · ${imageName}`}
      </span>
    </div>
  );
}

/** Rows of groups, loaded a page at a time; all are asked for anew when the list is another one. */
function useProblemRows(
  by: ProblemGrouping,
  version: number,
): (group: ProblemGroup, index: number) => ProblemObject | undefined {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const pages = useRef(new Map<string, readonly ProblemObject[] | 'loading'>());
  const stale = useRef(new Map<string, readonly ProblemObject[]>());
  const key = `${by} ${version}`;
  const current = useRef(key);
  useEffect(() => {
    current.current = key;
    for (const [page, rows] of pages.current) if (rows !== 'loading') stale.current.set(page, rows);
    pages.current.clear();
    redraw();
  }, [key]);
  return (group, index) => {
    const page = Math.floor(index / PAGE);
    const name = `${by} ${group.key} ${page}`;
    const rows = pages.current.get(name);
    if (rows === undefined) {
      pages.current.set(name, 'loading');
      const asked = key;
      void engine
        .call('problemRows', { by, key: group.key, from: page * PAGE, to: (page + 1) * PAGE })
        .then((reply) => {
          if (current.current !== asked || !reply.ok) return;
          pages.current.set(name, reply.value);
          redraw();
        });
    }
    return (rows === 'loading' || rows === undefined ? stale.current.get(name) : rows)?.[index % PAGE];
  };
}
