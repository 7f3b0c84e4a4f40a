import type { LayerId, LayerInfo, LayerSource, StackInfo } from '../../shared/contract/layer-values.ts';
import type { ImageId, Reply, WireError } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';

/** What tells one layer of a stack from the others, in any engine. */
type Told = Pick<LayerInfo, 'path' | 'digest'>;

const keyOf = ({ path, digest = '' }: Told): string => `${path}\0${digest}`;

/**
 * What has to be opened for these layers, in their order. A path is there as often as it was opened: once for all layers of a
 * container image, twice where somebody put the same file in twice.
 */
export function pathsOf(layers: readonly Told[]): readonly string[] {
  const opened = new Map<string, number>();
  const used = new Map<string, number>();
  const paths: string[] = [];
  for (const layer of layers) {
    const times = (used.get(keyOf(layer)) ?? 0) + 1;
    used.set(keyOf(layer), times);
    if (times <= (opened.get(layer.path) ?? 0)) continue;
    opened.set(layer.path, times);
    paths.push(layer.path);
  }
  return paths;
}

interface Arranged {
  readonly layers: readonly { readonly layer: LayerId; readonly isOn: boolean }[];
  /** Those that are not there any more. */
  readonly missing: readonly LayerInfo[];
}

/** Layers that were opened anew, in the order and with the switches that they had before; what was taken out stays out. */
export function arrangeAsBefore(before: readonly LayerInfo[], now: readonly LayerInfo[]): Arranged {
  const free = new Set(now);
  const layers: { readonly layer: LayerId; readonly isOn: boolean }[] = [];
  const missing: LayerInfo[] = [];
  for (const layer of before) {
    const found = [...free].find((other) => keyOf(other) === keyOf(layer));
    if (found === undefined) {
      missing.push(layer);
      continue;
    }
    free.delete(found);
    layers.push({ layer: found.layer, isOn: layer.isOn });
  }
  return { layers, missing };
}

/** A stack that is there again, as far as it could be opened. */
export interface Reopened {
  readonly image: ImageId | undefined;
  readonly failures: readonly (readonly [path: string, error: WireError])[];
}

/** Stacks again what was stacked in an engine that is gone: the same layers, order and switches, and the same choices. */
export async function reopenStack(before: StackInfo): Promise<Reply<Reopened>> {
  const added = await engine.call('addLayers', { paths: [...pathsOf(before.layers)], images: [] });
  if (!added.ok) return added;
  const failures: [string, WireError][] = added.value.failures.map(({ path, error }) => [path, error]);
  let stack: StackInfo | undefined = added.value.stack;
  if (stack === undefined) return { ok: true, value: { image: undefined, failures } };
  for (const { path, chosen } of before.sources) {
    const now: LayerSource | undefined = stack.sources.find((own) => own.path === path);
    if (now === undefined || now.chosen === chosen) continue;
    const chose: Reply<StackInfo> = await engine.call('chooseImage', { stack: stack.stack, path, image: chosen });
    if (chose.ok) stack = chose.value;
    else if (chose.error.code === 'engine-gone') return chose;
    else failures.push([path, chose.error]);
  }
  const { layers, missing } = arrangeAsBefore(before.layers, stack.layers);
  for (const { path, name } of missing) {
    if (failures.some(([failed]) => failed === path)) continue;
    const message = `It has no layer ${name} any more.`;
    failures.push([path, { code: 'not-found', message, file: path, path: undefined, offset: undefined }]);
  }
  if (layers.some(({ isOn }) => isOn)) {
    const changed = await engine.call('changeLayers', { stack: stack.stack, layers: [...layers] });
    if (changed.ok) stack = changed.value;
    else if (changed.error.code === 'engine-gone') return changed;
    else failures.push([stack.name, changed.error]);
  }
  return { ok: true, value: { image: stack.image, failures } };
}
