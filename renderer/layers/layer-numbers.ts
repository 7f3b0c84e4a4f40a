import type { LayerCounts } from '../../shared/contract/layer-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { formatCount } from '../parts/format.ts';

/** A column of numbers in the list of layers. */
export interface LayerNumber {
  readonly id: string;
  readonly title: string;
  /** What the number is, in a sentence or two. */
  readonly definition: string;
  readonly text: (counts: LayerCounts) => string;
}

/** What is counted of each layer. The words are those of shared/tree/merge/layer-report.ts. */
export const layerNumbers: readonly LayerNumber[] = [
  {
    id: 'entries',
    title: 'Entries',
    definition: 'Entries of the layer, its root and its whiteouts too.',
    text: ({ entries }) => formatCount(entries),
  },
  {
    id: 'whiteouts',
    title: 'Whiteouts',
    definition: 'Entries that say that a name of the layers below is gone.',
    text: ({ whiteouts }) => formatCount(whiteouts),
  },
  {
    id: 'adds',
    title: 'Adds',
    definition:
      'Entries of the merged tree that are from this layer, and under whose name no lower layer has anything.',
    text: ({ adds }) => formatCount(adds),
  },
  {
    id: 'changes',
    title: 'Changes',
    definition:
      'Entries of the merged tree that are from this layer and take the place of what a lower layer has. Directories that merge with lower ones do not count.',
    text: ({ changes }) => formatCount(changes),
  },
  {
    id: 'hides',
    title: 'Hides',
    definition:
      'Entries of lower layers, with all that is in them, that would show if this layer did not replace or remove them.',
    text: ({ hides }) => formatCount(hides),
  },
  {
    id: 'wasted',
    title: 'Wasted',
    definition:
      'Bytes of this layer’s regular files that do not show, because upper layers replaced or removed them. Sizes as the files say, hard links once.',
    text: ({ wasted }) => formatBytes(wasted),
  },
  {
    id: 'exclusive',
    title: 'Exclusive',
    definition: 'Bytes of the objects that no other layer of this stack refers to.',
    text: ({ exclusive }) => formatBytes(exclusive.bytes),
  },
  {
    id: 'shared',
    title: 'Shared',
    definition: 'Bytes of the objects that another layer of this stack refers to, too.',
    text: ({ shared }) => formatBytes(shared.bytes),
  },
  {
    id: 'reclaimable',
    title: 'Reclaimable',
    definition:
      'Bytes of the objects that nothing in the merged tree refers to: who stores the merged image alone does not need them.',
    text: ({ reclaimable }) => formatBytes(reclaimable.bytes),
  },
];
