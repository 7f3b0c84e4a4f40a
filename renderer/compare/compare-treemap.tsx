import { useEffect, useMemo, useRef, useState } from 'react';
import { formatBytes } from '../../shared/tree/format.ts';
import { Failure } from '../details/failure.tsx';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { goToCompareRow } from '../state/compare.ts';
import { LABEL_PX, squarify } from '../treemap/layout.ts';
import { compareGlyphs } from './words.ts';
import '../treemap/treemap.css';

const DEPTH = 2;
/** A label needs this much room. */
const LABEL_WIDTH_PX = 44;
/** Smaller cells are not drawn: nobody sees them. */
const MIN_PX = 3;
const HEIGHT_PX = 260;

export interface CompareTreemapProps {
  readonly comparison: number;
  readonly by: 'differences' | 'bytes';
  readonly version: number;
}

/** Where the differences are: each cell a folder or file, its colour and glyph what became of it. A click goes there. */
export function CompareTreemap({ comparison, by, version }: CompareTreemapProps) {
  const asked = useCall('compareTreemap', { comparison, row: 0, depth: DEPTH, by }, version);
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(([box]) => box && setWidth(Math.floor(box.contentRect.width)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const root = asked.value;
  const cells = useMemo(
    () => (root ? squarify(root, (node) => node[by], { width, height: HEIGHT_PX, leastPx: MIN_PX }) : []),
    [root, by, width],
  );
  return (
    <div ref={frame} className="compare-treemap" style={{ height: HEIGHT_PX }}>
      {asked.status === 'failed' && <Failure error={asked.error} />}
      {asked.status === 'ready' && cells.length === 0 && <p className="dim">Nothing to show.</p>}
      {cells.map(({ node, x, y, width: cellWidth, height }, index) => {
        const label = `${node.name}: ${node.status}, ${formatCount(node.differences)} differences, ${formatBytes(node.bytes)}`;
        const { row } = node;
        return (
          <button
            // a cell's place is its name: small ones that are summed have no row
            // oxlint-disable-next-line react/no-array-index-key
            key={`${row ?? 'others'} ${index}`}
            type="button"
            className={`treemap-cell compare-cell compare-cell-${row === undefined ? 'none' : node.status}`}
            style={{ left: x, top: y, width: cellWidth, height }}
            title={label}
            aria-label={label}
            disabled={row === undefined}
            onClick={() => row !== undefined && void goToCompareRow(row)}
          >
            {cellWidth >= LABEL_WIDTH_PX && height >= LABEL_PX && (
              <span className="treemap-label ellipsis">
                <span aria-hidden="true">{compareGlyphs[node.status]}</span> {node.name}
              </span>
            )}
          </button>
        );
      })}
    </div>
  );
}
