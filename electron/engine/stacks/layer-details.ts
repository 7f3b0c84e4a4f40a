import type { EntryLayers } from '../../../shared/contract/layer-values.ts';
import { kindOf } from '../../../shared/tree/format.ts';
import { RevealedStack } from '../../../shared/tree/merge/revealed-stack.ts';
import type { BelowPart } from '../../../shared/tree/merge/stack-image.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import type { StackSession } from './stack-session.ts';

/** Which layers of a stack have an entry, and what hides it. */
export function layerDetails(session: StackSession, number: number): EntryLayers {
  const { entry, session: place } = session.place(number);
  const image = place === session ? session.stack : session.revealed;
  const { layer, row } = image.partOf(entry);
  const table = image.layers[layer]?.table;
  const hider = image instanceof RevealedStack ? image.hiderOf(entry) : undefined;
  return {
    layer: image.layerOf(entry),
    name: image.layerLabels[layer]?.name ?? '',
    path: table === undefined ? '' : pathOf(table, row),
    below: image.below(entry).flatMap((part) => belowEntry(session, part)),
    hiddenBy:
      hider === undefined
        ? undefined
        : {
            entry: session.revealed.numbers[hider] ?? 0,
            layer: image.layerOf(hider),
            path: pathOf(image.table, hider),
          },
  };
}

function belowEntry({ stack }: StackSession, { layer, row, how }: BelowPart): EntryLayers['below'] {
  const image = stack.layers[layer];
  if (image === undefined) return [];
  const kind = kindOf(image, row);
  return [
    {
      layer: stack.layerLabels[layer]?.number ?? 0,
      row,
      path: pathOf(image.table, row),
      kind,
      size: kind === 'file' ? (image.table.size[row] ?? 0) : undefined,
      how,
    },
  ];
}
