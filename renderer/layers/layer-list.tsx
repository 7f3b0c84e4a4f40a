import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent } from 'react';
import type { LayerCounts, LayerId, StackInfo } from '../../shared/contract/layer-values.ts';
import { useCall } from '../engine/use-call.ts';
import { focusTree } from '../explore/explore-view.tsx';
import { setFilter } from '../explore/tree-actions.ts';
import { Failure } from '../details/failure.tsx';
import { changeLayers } from '../state/stacks.ts';
import { closeImage } from '../state/open.ts';
import { layerNumbers } from './layer-numbers.ts';
import { LayerRow, type LayerActions } from './layer-row.tsx';
import { placeLayer, removeLayer, shiftLayer, switchLayer } from './move-layer.ts';

/** What a layer that is dragged is known by, so that nothing else is taken for one. */
const DRAGGED = 'application/x-composcope-layer';

interface DropPlace {
  readonly layer: LayerId;
  readonly where: 'above' | 'below';
}

/** Where what is dragged would come: above or below the row under the pointer. */
function placeUnder({ target, clientY }: DragEvent): DropPlace | undefined {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-layer]') : null;
  if (row === null) return undefined;
  const { top, height } = row.getBoundingClientRect();
  return { layer: Number(row.dataset['layer']), where: clientY < top + height / 2 ? 'above' : 'below' };
}

/** The layers of a stack, the uppermost first, with what each does. */
export function LayerList({ stack }: { readonly stack: StackInfo }) {
  const { stack: id, image } = stack;
  const layers = stack.layers.toReversed();
  // each change gives another image: the numbers are asked for anew
  const reports = useCall('layerReports', { stack: id }, image);
  const counts = new Map(reports.value?.map((report) => [report.layer, report]));
  const [focus, setFocus] = useState<LayerId | undefined>(undefined);
  const [place, setPlace] = useState<DropPlace | undefined>(undefined);
  const dragged = useRef<LayerId | undefined>(undefined);
  const rows = useRef<HTMLDivElement>(null);
  const focused = layers.find(({ layer }) => layer === focus) ?? layers[0];
  const hadFocus = useRef(false);
  const shown = useRef(image);

  // a row that moved was taken out and put in again, which loses the focus
  useEffect(() => {
    if (shown.current === image) return;
    shown.current = image;
    if (hadFocus.current) rows.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }, [image]);

  const go = (by: number): void => {
    const at = layers.findIndex(({ layer }) => layer === focused?.layer);
    const to = layers[Math.min(layers.length - 1, Math.max(0, at + by))];
    if (to === undefined) return;
    setFocus(to.layer);
    rows.current?.querySelector<HTMLElement>(`[data-layer="${to.layer}"]`)?.focus();
  };
  const actions: LayerActions = {
    onSwitch: (layer) => void changeLayers(id, (all) => switchLayer(all, layer)),
    onRemove: (layer) => {
      setFocus(layers[layers.findIndex((other) => other.layer === layer) + 1]?.layer);
      if (layers.length === 1) void closeImage(image);
      else void changeLayers(id, (all) => removeLayer(all, layer));
    },
    onShow: (number) => void setFilter(image, `layer:${number}`).then(focusTree),
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (focused === undefined || !(event.target instanceof HTMLElement) || event.target.dataset['layer'] === undefined)
      return;
    const up = event.key === 'ArrowUp';
    if (up || event.key === 'ArrowDown') {
      if (event.altKey) void changeLayers(id, (all) => shiftLayer(all, focused.layer, up ? 1 : -1));
      else go(up ? -1 : 1);
    } else if (event.key === 'Home' || event.key === 'End') go(event.key === 'Home' ? -layers.length : layers.length);
    else if (event.key === ' ') actions.onSwitch(focused.layer);
    else if (event.key === 'Enter' && focused.isOn) actions.onShow(focused.number);
    else if (event.key === 'Delete') actions.onRemove(focused.layer);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const onDragOver = (event: DragEvent<HTMLElement>): void => {
    if (!event.dataTransfer.types.includes(DRAGGED)) return;
    const over = placeUnder(event);
    if (over === undefined) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
    setPlace(over);
  };
  const onDrop = (event: DragEvent): void => {
    const layer = dragged.current;
    // not the place that is marked: a quick drop comes before that is drawn
    const over = placeUnder(event);
    if (layer === undefined || over === undefined) return;
    event.preventDefault();
    void changeLayers(id, (all) => placeLayer(all, layer, over.layer, over.where));
    setPlace(undefined);
  };
  return (
    <div className="layers-list">
      <div
        role="grid"
        tabIndex={-1}
        aria-label="Layers, the uppermost first"
        aria-describedby="layers-keys"
        className="layers-table"
        onKeyDown={onKeyDown}
        onFocus={() => (hadFocus.current = true)}
        onBlur={(event) => {
          // a row that is taken out for a moment gives it to nobody
          if (event.relatedTarget !== null) hadFocus.current = event.currentTarget.contains(event.relatedTarget);
        }}
        onDragOver={onDragOver}
        onDrop={onDrop}
        onDragEnd={() => {
          dragged.current = undefined;
          setPlace(undefined);
        }}
      >
        <div role="rowgroup" className="layers-head">
          <div role="row" className="layers-row">
            <Head title="On" />
            <Head title="No." hint="Place in the stack, 1 is the lowest" />
            <Head title="Name" />
            <Head title="Kind" />
            <Head title="Size" hint="Bytes of the layer as it is stored" isFigure />
            {layerNumbers.map(({ id: column, title, definition }) => (
              <Head key={column} title={title} hint={definition} isFigure />
            ))}
            <div role="columnheader" className="layers-cell">
              <span className="visually-hidden">Take out</span>
            </div>
          </div>
        </div>
        <div role="rowgroup" ref={rows}>
          {layers.map((layer) => (
            <LayerRow
              key={layer.layer}
              layer={layer}
              counts={layer.isOn ? counts.get(layer.layer) : undefined}
              isFocused={layer === focused}
              isLastOn={layer.isOn && layers.filter(({ isOn }) => isOn).length === 1}
              mark={place?.layer === layer.layer ? place.where : undefined}
              actions={actions}
              onFocus={() => setFocus(layer.layer)}
              onDragStart={(event) => {
                dragged.current = layer.layer;
                event.dataTransfer.setData(DRAGGED, String(layer.layer));
                event.dataTransfer.effectAllowed = 'move';
              }}
            />
          ))}
        </div>
        {layers.length > 1 && reports.value !== undefined && <Totals counts={reports.value} />}
      </div>
      {reports.status === 'failed' && <Failure error={reports.error} />}
      <p id="layers-keys" className="layers-keys dim">
        The uppermost comes first, and hides what is below. Drag a layer, or <kbd>Alt</kbd>+<kbd>↑</kbd> <kbd>↓</kbd>,
        to move it; <kbd>Space</kbd> switches it, <kbd>Enter</kbd> shows its entries, <kbd>Delete</kbd> takes it out.
      </p>
    </div>
  );
}

const summed = ['entries', 'whiteouts', 'adds', 'changes', 'hides', 'wasted'] as const;

/** Sums over the layers; of objects that layers share there is no sum. */
function Totals({ counts }: { readonly counts: readonly LayerCounts[] }) {
  const [first] = counts;
  if (first === undefined) return null;
  const all = { ...first };
  for (const key of summed) Object.assign(all, { [key]: counts.reduce((sum, each) => sum + each[key], 0) });
  return (
    <div role="rowgroup">
      <div role="row" className="layers-row layers-totals dim">
        <div role="rowheader" className="layers-cell layers-span">
          All that are on
        </div>
        {layerNumbers.map(({ id, text }) => (
          <div key={id} role="gridcell" className="layers-cell layers-figure">
            {summed.some((key) => key === id) ? text(all) : '–'}
          </div>
        ))}
      </div>
    </div>
  );
}

interface HeadProps {
  readonly title: string;
  readonly hint?: string;
  readonly isFigure?: boolean;
}

const Head = ({ title, hint, isFigure = false }: HeadProps) => (
  <div role="columnheader" className={`layers-cell ellipsis${isFigure ? ' layers-figure' : ''}`} title={hint}>
    {title}
  </div>
);
