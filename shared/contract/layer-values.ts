import * as z from 'zod';
import type { EntryKind, ImageId, WireError } from './values.ts';

/** What the window and the engine say of stacks of layers. */

export type StackId = number;
export type LayerId = number;

/** Layers of one stack; more no overlay mount takes (Linux fs/overlayfs/params.h, OVL_MAX_STACK). */
export const MAX_LAYERS = 500;

const Id = z.int().min(0);
const Index = z.int().min(0).max(0xffff_ffff);
const Paths = z
  .array(
    z
      .string()
      .min(1)
      .max(4096)
      .refine((path) => !path.includes('\0'), 'holds a NUL'),
  )
  .max(MAX_LAYERS);

export const layerRequests = {
  /** Opens what lies at the paths as layers, and takes open images, the lowest first. Without `stack` they make a new one; with it they come on top. */
  addLayers: z.strictObject({ stack: Id.optional(), paths: Paths, images: z.array(Id).max(MAX_LAYERS) }),
  /** The layers that the stack is to have from now on, the lowest first; what is left out is removed. */
  changeLayers: z.strictObject({
    stack: Id,
    layers: z
      .array(z.strictObject({ layer: Id, isOn: z.boolean() }))
      .min(1)
      .max(MAX_LAYERS),
  }),
  /** Takes the layers of another one of the container images that a source holds. */
  chooseImage: z.strictObject({ stack: Id, path: z.string().min(1).max(4096), image: z.string().min(1).max(1024) }),
  /** What each layer that is on adds, changes, hides and wastes. Counts all entries. */
  layerReports: z.strictObject({ stack: Id }),
  /** Whether the view's rows have what the stack hides. */
  setHidden: z.strictObject({ view: Id, hidden: z.boolean() }),
  /** The hidden entry that is a layer's own, by the layer's number and its row there. */
  findHidden: z.strictObject({ image: Id, layer: z.int().min(1).max(MAX_LAYERS), row: Index }),
} as const;

export interface LayerInfo {
  readonly layer: LayerId;
  /** Place in the stack, 1 the lowest, those that are off counted too. */
  readonly number: number;
  /** The command that made it, or its file's name. */
  readonly name: string;
  /** Where it was read. */
  readonly path: string;
  readonly kind: 'composefs' | 'erofs' | 'cfs' | 'dump' | 'directory' | 'tar' | 'stack';
  /** Of the blob, where it is one of a container image. */
  readonly digest: string | undefined;
  /** As it is stored; undefined: a directory. */
  readonly bytes: number | undefined;
  readonly isOn: boolean;
}

/** A container image of several in one layout or archive. */
export interface ImageChoice {
  /** What names it: its manifest's digest, or its name. */
  readonly id: string;
  /** For a person: name and platform. */
  readonly title: string;
}

/** A layout or archive that holds several container images. */
export interface LayerSource {
  readonly path: string;
  readonly choices: readonly ImageChoice[];
  readonly chosen: string;
}

export interface StackInfo {
  readonly stack: StackId;
  readonly name: string;
  /** The merged tree; it is another one after each change. */
  readonly image: ImageId;
  /** The lowest first. */
  readonly layers: readonly LayerInfo[];
  /** Those that one can choose from. */
  readonly sources: readonly LayerSource[];
}

/** What adding layers gave. What could not be opened does not keep the rest from being added. */
export interface LayersAdded {
  /** undefined: nothing could be opened, and there is no stack. */
  readonly stack: StackInfo | undefined;
  readonly failures: readonly { readonly path: string; readonly error: WireError }[];
}

/** Objects of a layer, and the sum of their sizes in bytes. */
export interface LayerObjects {
  readonly count: number;
  readonly bytes: number;
}

/** What a layer that is on does in its stack: shared/tree/merge/layer-report.ts says what each number is. */
export interface LayerCounts {
  readonly layer: LayerId;
  readonly entries: number;
  readonly whiteouts: number;
  readonly opaque: number;
  readonly shown: number;
  readonly adds: number;
  readonly changes: number;
  readonly hides: number;
  readonly bytes: number;
  readonly wasted: number;
  readonly exclusive: LayerObjects;
  readonly shared: LayerObjects;
  readonly reclaimable: LayerObjects;
}

/** An entry of a layer that lies below one of the merged tree. */
export interface BelowEntry {
  readonly layer: number;
  /** Row in the layer. */
  readonly row: number;
  /** In the layer: another one than the entry's where a redirect led there. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly size: number | undefined;
  /** `merged`: its entries show among those of the one above. `data`: the bytes above are its. */
  readonly how: 'merged' | 'hidden' | 'data';
}

/** Where an entry of a stack is from. */
export interface EntryLayers {
  readonly layer: number;
  readonly name: string;
  /** In the layer. */
  readonly path: string;
  /** The uppermost first. */
  readonly below: readonly BelowEntry[];
  /** Of one that does not show: what hides it, as a number of an entry. */
  readonly hiddenBy: { readonly entry: number; readonly layer: number; readonly path: string } | undefined;
}
