import type { LayerId } from '../../shared/contract/layer-values.ts';
import type { Wanted } from '../state/stacks.ts';

/** Changes of a list of layers, the lowest first; undefined: it would be the same. */

/** Moves a layer by so many places: up is positive. */
export function shiftLayer(layers: Wanted, id: LayerId, by: number): Wanted | undefined {
  const from = layers.findIndex(({ layer }) => layer === id);
  const to = Math.min(layers.length - 1, Math.max(0, from + by));
  const moved = layers[from];
  if (moved === undefined || to === from) return undefined;
  const rest = layers.toSpliced(from, 1);
  return rest.toSpliced(to, 0, moved);
}

/** Moves a layer to right above another one, or right below it. */
export function placeLayer(layers: Wanted, id: LayerId, beside: LayerId, where: 'above' | 'below'): Wanted | undefined {
  const from = layers.findIndex(({ layer }) => layer === id);
  const rest = layers.filter(({ layer }) => layer !== id);
  const moved = layers[from];
  const at = rest.findIndex(({ layer }) => layer === beside);
  if (moved === undefined || at < 0) return undefined;
  const to = where === 'above' ? at + 1 : at;
  return to === from ? undefined : rest.toSpliced(to, 0, moved);
}

/** Switches a layer; the last one that is on stays on. */
export function switchLayer(layers: Wanted, id: LayerId): Wanted | undefined {
  const changed = layers.map(({ layer, isOn }) => ({ layer, isOn: layer === id ? !isOn : isOn }));
  return changed.some(({ isOn }) => isOn) ? changed : undefined;
}

/** Takes a layer out; a stack has at least one that is on. */
export function removeLayer(layers: Wanted, id: LayerId): Wanted | undefined {
  const rest = layers.filter(({ layer }) => layer !== id);
  return rest.some(({ isOn }) => isOn) ? rest : undefined;
}
