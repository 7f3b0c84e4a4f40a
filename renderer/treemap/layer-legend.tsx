import type { CSSProperties } from 'react';
import type { ImageId, TreemapNode } from '../../shared/contract/values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { LayerBadge, layerColour } from '../parts/layer-badge.tsx';
import { useStacks } from '../state/stack-store.ts';

type LayerBytes = NonNullable<TreemapNode['layers']>;

const percent = (part: number, whole: number): string => {
  const share = Math.round((part / whole) * 100);
  return share === 0 ? 'less than 1 %' : `${share} %`;
};

/** From which layers a cell's bytes are, in words: `layer 2`, or `layer 2: 70 %, layer 1: 30 %`. */
export function layersText(layers: LayerBytes, whole: number): string {
  const [first, ...more] = layers;
  if (first === undefined) return 'from no layer';
  if (more.length === 0) return `layer ${first.layer}`;
  return layers.map(({ layer, bytes }) => `layer ${layer}: ${percent(bytes, whole)}`).join(', ');
}

/** The same as numbers, the largest first: `2`, or `2 1 …`. */
export function layerMarks(layers: LayerBytes): string {
  const shown = layers.slice(0, 3).map(({ layer }) => layer);
  return [...shown, ...(layers.length > shown.length ? ['…'] : [])].join(' ');
}

/** A background of one band a layer, as wide as its share, the largest first. */
export function layerBands(layers: LayerBytes, whole: number): CSSProperties {
  let at = 0;
  const bands = layers.map(({ layer, bytes }) => {
    const from = at;
    at += (bytes / whole) * 100;
    return `${layerColour(layer)} ${from.toFixed(2)}% ${at.toFixed(2)}%`;
  });
  return { background: `linear-gradient(to right, ${bands.join(', ')})` };
}

/** Which colour is which layer, and how many of the folder's bytes are from it; the uppermost first. */
export function LayerLegend({ image, layers }: { readonly image: ImageId; readonly layers: LayerBytes }) {
  const stack = useStacks(({ stacks }) => stacks.find((other) => other.image === image));
  const nameOf = (number: number): string => stack?.layers.find((layer) => layer.number === number)?.name ?? '';
  return (
    <ul className="treemap-legend" aria-label="Bytes by layer">
      {layers
        .toSorted((a, b) => b.layer - a.layer)
        .map(({ layer, bytes }) => (
          <li key={layer} title={`Layer ${layer}: ${nameOf(layer)}`}>
            <LayerBadge number={layer} name={nameOf(layer)} />
            <span className="treemap-legend-name ellipsis">{nameOf(layer)}</span>
            <span className="dim">{formatBytes(bytes)}</span>
          </li>
        ))}
    </ul>
  );
}
