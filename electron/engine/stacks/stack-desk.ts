import type { Image } from '../../../shared/tree/image.ts';
import {
  MAX_LAYERS,
  type LayerCounts,
  type LayerId,
  type LayersAdded,
  type LayerSource,
  type StackId,
  type StackInfo,
} from '../../../shared/contract/layer-values.ts';
import type { ImageId } from '../../../shared/contract/values.ts';
import { CallError, toWireError } from '../../../shared/contract/wire-error.ts';
import { reportLayers } from '../../../shared/tree/merge/layer-report.ts';
import { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import type { OpenedLayer } from '../layers/open-layer.ts';
import { findStoresBeside } from '../stores/store-beside.ts';
import type { StoreFound } from '../stores/store-found.ts';
import type { Workspace } from '../workspace.ts';
import { openSource, stackName, type OpenedSource } from './open-layers.ts';
import { StackSession } from './stack-session.ts';

interface KeptLayer {
  readonly id: LayerId;
  readonly opened: OpenedLayer;
  readonly isOn: boolean;
}

/** What a stack is made of. */
interface Recipe {
  /** The lowest first. */
  readonly layers: readonly KeptLayer[];
  readonly sources: readonly LayerSource[];
}

interface Stack extends Recipe {
  readonly id: StackId;
  readonly image: ImageId;
}

/** The stacks that are open. Each change merges anew, and gives another image in the place of the one before. */
export class StackDesk {
  readonly #workspace: Workspace;
  readonly #stacks = new Map<StackId, Stack>();
  /** Stores beside layers, by path: looked for once. */
  readonly #beside = new Map<string, Promise<readonly StoreFound[]>>();
  #nextStack = 0;
  #nextLayer = 0;
  /** Changes come one after the other: each is of what the one before left. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  get all(): readonly StackInfo[] {
    return [...this.#stacks.values()].map(stackInfo);
  }

  /**
   * Puts layers on top of a stack, or makes a new one of them; what cannot be opened is told beside the rest.
   *
   * @param images open images
   * @throws CallError, ImageError `limit`; the signal's reason
   */
  async add(stack: StackId | undefined, paths: readonly string[], images: readonly ImageId[]): Promise<LayersAdded> {
    const opened: OpenedSource[] = images.map((image) => ({ layers: this.#layersOf(image), source: undefined }));
    const failures: { path: string; error: ReturnType<typeof toWireError> }[] = [];
    for (const path of paths) {
      try {
        opened.push(await this.#open(path));
      } catch (cause) {
        const error = toWireError(cause, path);
        if (error.code === 'internal' || error.code === 'cancelled') throw cause;
        failures.push({ path, error });
      }
    }
    if (opened.length === 0) {
      return { stack: stack === undefined ? undefined : stackInfo(this.#stack(stack)), failures };
    }
    const more = opened.flatMap(({ layers }) => layers.map((layer) => this.#keep(layer)));
    const sources = opened.flatMap(({ source }) => source ?? []);
    const info = await this.#inOrder(() => {
      const before = stack === undefined ? undefined : this.#stack(stack);
      return this.#put(before, {
        layers: [...(before?.layers ?? []), ...more],
        sources: [
          ...(before?.sources ?? []).filter(({ path }) => !sources.some((own) => own.path === path)),
          ...sources,
        ],
      });
    });
    return { stack: info, failures };
  }

  /** Gives a stack these of its layers, the lowest first. @throws CallError, ImageError `limit` */
  change(stack: StackId, wanted: readonly { readonly layer: LayerId; readonly isOn: boolean }[]): Promise<StackInfo> {
    return this.#inOrder(() => {
      const before = this.#stack(stack);
      const layers = wanted.map(({ layer, isOn }) => {
        const kept = before.layers.find(({ id }) => id === layer);
        if (kept === undefined) throw new CallError('invalid-request', `Stack ${stack} has no layer ${layer}.`);
        return { ...kept, isOn };
      });
      if (new Set(wanted.map(({ layer }) => layer)).size < wanted.length) {
        throw new CallError('invalid-request', 'A layer can be in a stack once.');
      }
      return this.#put(before, { ...before, layers });
    });
  }

  /** Takes another one of a source's container images, in the place of the one before. @throws as `add` */
  async chooseImage(stack: StackId, path: string, image: string): Promise<StackInfo> {
    const { layers: opened, source } = await this.#open(path, image);
    const more = opened.map((layer) => this.#keep(layer));
    const isOther = (layer: KeptLayer): boolean => layer.opened.path !== path;
    return this.#inOrder(() => {
      const before = this.#stack(stack);
      const at = before.layers.findIndex((layer) => layer.opened.path === path);
      const below = before.layers.slice(0, Math.max(0, at)).filter(isOther);
      const above = before.layers.slice(Math.max(0, at)).filter(isOther);
      return this.#put(before, {
        layers: [...below, ...more, ...above],
        sources: before.sources.map((own) => (own.path === path ? (source ?? own) : own)),
      });
    });
  }

  /** What each layer that is on does; the lowest first. @throws CallError */
  reports(stack: StackId): readonly LayerCounts[] {
    const { layers, image } = this.#stack(stack);
    const session = this.#workspace.session(image);
    if (!(session instanceof StackSession)) return [];
    const on = layers.filter(({ isOn }) => isOn);
    return reportLayers(session.stack).map((report, index) => Object.assign({ layer: on[index]?.id ?? 0 }, report));
  }

  /** An image was closed: its stack goes with it. */
  imageClosed(image: ImageId): void {
    for (const { id, image: own } of this.#stacks.values()) if (own === image) this.#stacks.delete(id);
  }

  #stack(id: StackId): Stack {
    const stack = this.#stacks.get(id);
    if (stack === undefined) throw new CallError('invalid-request', `There is no stack ${id}.`);
    return stack;
  }

  #keep(opened: OpenedLayer): KeptLayer {
    return { id: this.#nextLayer++, opened, isOn: true };
  }

  /** What is open as an image, as layers: those of a stack, or the image itself. */
  #layersOf(id: ImageId): readonly OpenedLayer[] {
    const session = this.#workspace.session(id);
    if (session instanceof StackSession) return session.layers;
    const { name, path, image, identity } = session;
    return [{ name, path, image, bytes: identity.size }];
  }

  #open(path: string, chosen?: string): Promise<OpenedSource> {
    return this.#workspace.jobs.run(`Opening ${stackName([path])}`, 'bytes', (job) => openSource(path, job, chosen));
  }

  /** Merges, and keeps what came of it. Where it cannot be merged, all stays as it is. */
  async #put(before: Stack | undefined, recipe: Recipe): Promise<StackInfo> {
    const { layers } = recipe;
    if (layers.length > MAX_LAYERS) {
      throw new CallError(
        'limit',
        `A stack has at most ${MAX_LAYERS} layers, as overlayfs; these are ${layers.length}.`,
      );
    }
    const started = performance.now();
    const on = layers.map((layer, index) => ({ ...layer, number: index + 1 })).filter(({ isOn }) => isOn);
    if (on.length === 0) throw new CallError('invalid-request', 'At least one layer must be on.');
    const images: readonly Image[] = on.map(({ opened }) => opened.image);
    const labels = on.map(({ number, opened: { name } }) => ({ number, name }));
    const stack = new StackImage(images, { labels });
    const paths = [...new Set(layers.map(({ opened }) => opened.path))];
    const file = {
      stack,
      layers: on.map(({ opened }) => opened),
      name: stackName(paths),
      openedInMs: performance.now() - started,
    };
    const image = this.#workspace.keep((own) => new StackSession(own, paths.join(' + '), file), before?.image);
    const kept: Stack = { ...recipe, id: before?.id ?? this.#nextStack++, image };
    this.#stacks.set(kept.id, kept);
    for (const path of paths) {
      for (const store of await this.#storesBeside(path)) {
        if (this.#workspace.isOpen(image)) await this.#workspace.attach(store, image);
      }
    }
    if (before !== undefined && this.#workspace.isOpen(before.image)) this.#workspace.closeImage(before.image);
    this.#workspace.examine(image);
    return stackInfo(kept);
  }

  #storesBeside(path: string): Promise<readonly StoreFound[]> {
    const known = this.#beside.get(path);
    if (known !== undefined) return known;
    const found = findStoresBeside(path); // it never rejects
    this.#beside.set(path, found);
    return found;
  }

  async #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work, work);
    this.#last = run.catch(() => undefined); // whoever asked for it gets the error
    return run;
  }
}

function stackInfo({ id, image, layers, sources }: Stack): StackInfo {
  return {
    stack: id,
    name: stackName(layers.map(({ opened }) => opened.path)),
    image,
    layers: layers.map(({ id: layer, isOn, opened: { name, path, image: own, digest, bytes } }, index) => ({
      layer,
      number: index + 1,
      name,
      path,
      kind: own.kind,
      digest,
      bytes,
      isOn,
    })),
    sources: sources.filter(({ path }) => layers.some(({ opened }) => opened.path === path)),
  };
}
