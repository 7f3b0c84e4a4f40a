import { stat } from 'node:fs/promises';
import type { ImageId, Opened, StoreId } from '../../shared/contract/values.ts';
import { CallError, toWireError } from '../../shared/contract/wire-error.ts';
import { recogniseFile } from './recognise-file.ts';
import { openStore } from './stores/open-store.ts';
import { looksLikeLayer } from './stacks/looks-like-layer.ts';
import { findStoresBeside } from './stores/store-beside.ts';
import type { StoreFound } from './stores/store-found.ts';
import { parseUserPath } from './user-path.ts';
import type { Workspace } from './workspace.ts';

/** Collects what opening a path gave. */
interface Opening {
  readonly images: ImageId[];
  readonly stores: StoreId[];
  readonly notes: string[];
  publication?: string;
}

/** Opens whatever lies at a path: an image, a store with its images, a folder with images. */
export class PathOpener {
  readonly #workspace: Workspace;
  /** What is being opened, by path: a second wish for the same is the same. */
  readonly #underWay = new Map<string, Promise<Opened>>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** @throws CallError, ImageError, StoreError, errno errors: with the file where the error itself does not name it */
  open(given: string): Promise<Opened> {
    const path = parseUserPath(given);
    return this.#once(path, () => this.#open(path));
  }

  /** Takes the folder as a store, of whatever layout. @throws as `open` */
  async attachStore(given: string): Promise<Opened> {
    const path = parseUserPath(given);
    const opening: Opening = { images: [], stores: [], notes: [] };
    await withFile(path, async () => this.#attach(await openStore(path), opening));
    return opening;
  }

  #once(path: string, work: () => Promise<Opened>): Promise<Opened> {
    const running = this.#underWay.get(path);
    if (running !== undefined) return running;
    const started = work().finally(() => this.#underWay.delete(path));
    this.#underWay.set(path, started);
    return started;
  }

  async #open(path: string): Promise<Opened> {
    const opening: Opening = { images: [], stores: [], notes: [] };
    await withFile(path, async () => {
      const recognised = await recogniseFile(path);
      switch (recognised.kind) {
        case 'image':
          await this.#image(path, opening);
          return;
        case 'layers':
          await this.#layers(path, opening);
          return;
        case 'store':
          await this.#attach(recognised.stores, opening);
          await this.#images(recognised.stores, opening);
          return;
        case 'publication':
          opening.publication = recognised.folder;
          return;
        case 'directory':
          await this.#folder(path, recognised.stores, opening);
          return;
        default:
          throw new CallError(recognised.kind, recognised.sentence, { file: path });
      }
    });
    return opening;
  }

  async #folder(path: string, stores: readonly StoreFound[], opening: Opening): Promise<void> {
    if (stores.every((store) => store.images.length === 0)) {
      if (await looksLikeLayer(path)) {
        await this.#layers(path, opening);
        return;
      }
      const message =
        'This folder holds no image, and is no store of a layout that is known. If it is a store of another layout, ' +
        'attach it as one: "Attach a store…". If it is to be a layer, add it in Layers (Ctrl+3).';
      throw new CallError('unknown-layout', message, { file: path });
    }
    await this.#images(stores, opening);
  }

  /** Layers are opened as a stack of their own. */
  async #layers(path: string, opening: Opening): Promise<void> {
    const { stack, failures } = await this.#workspace.stacks.add(undefined, [path], []);
    const [failure] = failures;
    if (failure !== undefined) {
      const { code, message, file, path: inside, offset } = failure.error;
      throw new CallError(code, message, { ...(file === undefined ? {} : { file }), path: inside, offset });
    }
    if (stack === undefined) return;
    opening.images.push(stack.image);
    for (const { path: own, choices, chosen } of stack.sources) {
      const title = choices.find(({ id }) => id === chosen)?.title ?? chosen;
      opening.notes.push(`${own} holds ${choices.length} images; this is ${title}. Layers (Ctrl+3) shows the others.`);
    }
  }

  async #images(stores: readonly StoreFound[], opening: Opening): Promise<void> {
    for (const path of stores.flatMap((store) => store.images)) {
      try {
        await this.#image(path, opening);
      } catch (cause) {
        opening.notes.push(`${path} was not opened: ${toWireError(cause).message}`); // the others may still open
      }
    }
  }

  async #image(path: string, opening: Opening): Promise<void> {
    const known = this.#workspace.openAlready(await stat(path));
    if (known !== undefined) {
      opening.images.push(known.id);
      return;
    }
    const replaced = this.#workspace.sessions.find((session) => session.path === path);
    const beside = findStoresBeside(path); // meanwhile; it never rejects
    const id = await withFile(path, () => this.#workspace.openImage(path));
    opening.images.push(id);
    if (replaced !== undefined) {
      this.#workspace.closeImage(replaced.id);
      opening.notes.push(`${path} has changed on disk and was opened anew.`);
    }
    for (const store of await beside) {
      if (!this.#workspace.isOpen(id)) break; // closed meanwhile: the store would be nobody's
      const { id: attached } = await this.#workspace.attach(store, id);
      if (!opening.stores.includes(attached)) opening.stores.push(attached);
    }
    this.#workspace.examine(id);
  }

  async #attach(stores: readonly StoreFound[], opening: Opening): Promise<void> {
    for (const store of stores) {
      const { id, isNew } = await this.#workspace.attach(store);
      opening.stores.push(id);
      if (!isNew) opening.notes.push(`${store.dataRoot} is attached already.`);
      else if (store.note !== undefined) opening.notes.push(`${store.dataRoot}: ${store.note}.`);
    }
  }
}

/** Adds the file to an error that does not name it: an ImageError knows the path inside, not that of the image. */
async function withFile<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const error = toWireError(cause, path);
    if (error.code === 'internal') throw cause; // ours: the log is to show where
    throw new CallError(error.code, error.message, {
      ...(error.file === undefined ? {} : { file: error.file }),
      path: error.path,
      offset: error.offset,
      cause,
    });
  }
}
