import { GripVertical, X } from 'lucide-react';
import type { DragEvent } from 'react';
import type { LayerCounts, LayerId, LayerInfo } from '../../shared/contract/layer-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { LayerBadge } from '../parts/layer-badge.tsx';
import { layerNumbers } from './layer-numbers.ts';

export interface LayerActions {
  readonly onSwitch: (layer: LayerId) => void;
  readonly onRemove: (layer: LayerId) => void;
  readonly onShow: (number: number) => void;
}

export interface LayerRowProps {
  readonly layer: LayerInfo;
  /** Of a layer that is on, once they are counted. */
  readonly counts: LayerCounts | undefined;
  readonly isFocused: boolean;
  readonly isLastOn: boolean;
  /** Where a layer that is dragged would come. */
  readonly mark: 'above' | 'below' | undefined;
  readonly actions: LayerActions;
  readonly onFocus: () => void;
  readonly onDragStart: (event: DragEvent) => void;
}

const kinds: Readonly<Record<LayerInfo['kind'], string>> = {
  composefs: 'composefs',
  erofs: 'EROFS',
  cfs: '2023 format',
  directory: 'directory',
  dump: 'dump',
  tar: 'tar',
  stack: 'stack',
};

/** One layer: whether it is on, its place, what it is, and what it does. */
export function LayerRow(props: LayerRowProps) {
  const { layer, counts, isFocused, isLastOn, mark, actions, onFocus, onDragStart } = props;
  const { number, name, path, kind, bytes, digest, isOn } = layer;
  const about = [name, path, digest].filter((part) => part !== undefined).join('\n');
  return (
    <div
      role="row"
      data-layer={layer.layer}
      tabIndex={isFocused ? 0 : -1}
      aria-label={`Layer ${number}, ${name}, ${isOn ? 'on' : 'off'}`}
      className={`layers-row${isOn ? '' : ' layers-off'}${mark === undefined ? '' : ` layers-mark-${mark}`}`}
      draggable
      onFocus={onFocus}
      onDragStart={onDragStart}
    >
      <div role="gridcell" className="layers-cell layers-on">
        <span className="layers-grip" aria-hidden="true" title="Drag to move">
          <GripVertical size={13} />
        </span>
        <input
          type="checkbox"
          tabIndex={-1}
          checked={isOn}
          disabled={isLastOn}
          aria-label={`Layer ${number} is on`}
          title={isLastOn ? 'At least one layer must be on' : isOn ? 'Switch off' : 'Switch on'}
          onChange={() => actions.onSwitch(layer.layer)}
        />
      </div>
      <div role="gridcell" className="layers-cell layers-number">
        <LayerBadge number={number} />
      </div>
      <div role="gridcell" className="layers-cell layers-name" title={about}>
        <button
          type="button"
          tabIndex={-1}
          className="layers-link ellipsis"
          disabled={!isOn}
          onClick={() => actions.onShow(number)}
        >
          {name}
        </button>
        {!isOn && <span className="layers-tag">off</span>}
      </div>
      <div role="gridcell" className="layers-cell">
        {kinds[kind]}
      </div>
      <div role="gridcell" className="layers-cell layers-figure">
        {bytes === undefined ? '' : formatBytes(bytes)}
      </div>
      {layerNumbers.map(({ id, text, definition }) => (
        <div key={id} role="gridcell" className="layers-cell layers-figure" title={definition}>
          {counts === undefined ? isOn ? <span className="dim">…</span> : '' : text(counts)}
        </div>
      ))}
      <div role="gridcell" className="layers-cell">
        <button
          type="button"
          tabIndex={-1}
          className="icon-button"
          aria-label={`Take layer ${number} out`}
          title="Take it out of the stack"
          onClick={() => actions.onRemove(layer.layer)}
        >
          <X size={13} aria-hidden />
        </button>
      </div>
    </div>
  );
}
