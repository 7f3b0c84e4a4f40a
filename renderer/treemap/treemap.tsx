import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { ImageId, TreemapNode } from '../../shared/contract/values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { Failure } from '../details/failure.tsx';
import { useChoice } from '../state/settings.ts';
import { goTo } from '../state/navigate.ts';
import { layOut, nearest, type Cell, type Direction } from './layout.ts';
import { layerBands, LayerLegend, layerMarks, layersText } from './layer-legend.tsx';
import './treemap.css';

const DEPTH = 2;
/** A label needs this much room. */
const LABEL_WIDTH_PX = 44;
const LABEL_HEIGHT_PX = 18;

const arrows: Readonly<Record<string, Direction>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** Where a folder's bytes are: apparent sizes, hard links once; of a stack also from which layers. A click, or Enter, goes there. */
export function Treemap({ image, entry }: { readonly image: ImageId; readonly entry: number }) {
  const asked = useCall('treemap', { image, entry, depth: DEPTH });
  const root = asked.value;
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  if (!root) return null;
  if (root.bytes === 0) return <p className="treemap-empty dim">No file below {root.name} has a size.</p>;
  return <Map image={image} root={root} />;
}

function Map({ image, root }: { readonly image: ImageId; readonly root: TreemapNode }) {
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [focus, setFocus] = useState(0);
  const [wantsLayers, setWantsLayers] = useChoice<boolean>('treemapByLayer', true);
  const byLayer = wantsLayers && root.layers !== undefined;
  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(
      ([box]) =>
        box && setSize({ width: Math.floor(box.contentRect.width), height: Math.floor(box.contentRect.height) }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const cells = useMemo(() => layOut(root, size.width, size.height), [root, size]);
  const go = (cell: Cell | undefined): void => {
    if (cell?.node.entry !== undefined) void goTo(image, cell.node.entry);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const direction = arrows[event.key];
    if (direction) setFocus(nearest(cells, Math.min(focus, cells.length - 1), direction));
    else if (event.key === 'Enter' || event.key === ' ') go(cells[focus]);
    else return;
    event.preventDefault();
  };
  return (
    <section className="treemap" aria-label={`Sizes below ${root.name}`}>
      <div className="treemap-title">
        <p>
          <strong>{root.name}</strong> {formatBytes(root.bytes)} in {formatCount(root.entries)} entries{' '}
          <span className="dim">(apparent size, hard links once; click goes there)</span>
        </p>
        {root.layers && (
          <button
            type="button"
            className="button treemap-by-layer"
            aria-pressed={byLayer}
            onClick={() => setWantsLayers(!wantsLayers)}
          >
            By layer
          </button>
        )}
      </div>
      {byLayer && <LayerLegend image={image} layers={root.layers} />}
      <div
        ref={frame}
        className="treemap-cells"
        role="listbox"
        tabIndex={0}
        aria-label="Folders and files by size"
        {...(cells.length > 0 ? { 'aria-activedescendant': `treemap-${Math.min(focus, cells.length - 1)}` } : {})}
        onKeyDown={onKeyDown}
        onClick={(event) => {
          const cell = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-index]') : null;
          if (cell) go(cells[Number(cell.dataset['index'])]);
        }}
      >
        {cells.map((cell, index) => (
          <CellBox
            key={cell.node.entry ?? `others at ${cell.x} ${cell.y}`}
            cell={cell}
            index={index}
            isFocused={index === focus}
            byLayer={byLayer}
          />
        ))}
      </div>
    </section>
  );
}

interface CellBoxProps {
  readonly cell: Cell;
  readonly index: number;
  readonly isFocused: boolean;
  readonly byLayer: boolean;
}

function CellBox({ cell, index, isFocused, byLayer }: CellBoxProps) {
  const { node, x, y, width, height, depth, hue } = cell;
  const layers = byLayer ? node.layers : undefined;
  const size = `${node.name}, ${formatBytes(node.bytes)}, ${formatCount(node.entries)} ${node.entries === 1 ? 'entry' : 'entries'}`;
  const label = layers ? `${size}, ${layersText(layers, node.bytes)}` : size;
  const colour = layers ? '' : ` treemap-hue-${node.entry === undefined ? 'none' : hue}`;
  return (
    <div
      id={`treemap-${index}`}
      data-index={index}
      role="option"
      aria-selected={isFocused}
      aria-label={label}
      {...(node.entry === undefined ? { 'aria-disabled': true } : {})}
      className={`treemap-cell treemap-depth-${depth}${colour}${isFocused ? ' treemap-focus' : ''}`}
      style={{ left: x, top: y, width, height, ...(layers && layerBands(layers, node.bytes)) }}
      title={label}
    >
      {width >= LABEL_WIDTH_PX && height >= LABEL_HEIGHT_PX && (
        <span className="treemap-label ellipsis">
          {node.name}
          {layers && <span className="treemap-layers"> {layerMarks(layers)}</span>}
        </span>
      )}
    </div>
  );
}
