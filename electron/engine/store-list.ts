import { realpath } from 'node:fs/promises';
import type { ImageId, StoreId } from '../../shared/contract/values.ts';
import { CallError } from '../../shared/contract/wire-error.ts';
import type { AttachedStore } from './attached-store.ts';
import type { StoreFound } from './stores/store-found.ts';

/** More than this no call can put in order (see `orderStores`), and no mount takes. */
const MAX_STORES = 256;

/**
 * The attached stores in the order in which they are searched. The array is another one after each change, so that who
 * kept one can tell whether it is still the order.
 */
export class StoreList {
  #stores: readonly AttachedStore[] = [];
  #nextId = 0;
  readonly #onChange: () => void;

  /** @param onChange the order is another one, or a store came or went */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get all(): readonly AttachedStore[] {
    return this.#stores;
  }

  get dataRoots(): readonly string[] {
    return this.#stores.map((store) => store.found.dataRoot);
  }

  /**
   * Attaches a store, last in the order; one that is attached already stays where it is.
   *
   * @param broughtBy the image beside which it was found; undefined: the user gave it
   * @returns `isNew`: it was not attached before
   * @throws CallError `limit`
   */
  async attach(
    found: StoreFound,
    broughtBy: ImageId | undefined,
  ): Promise<{ readonly id: StoreId; readonly isNew: boolean }> {
    const realRoot = await realpath(found.dataRoot).catch(() => found.dataRoot);
    const known = this.#stores.find((store) => store.realRoot === realRoot);
    if (known !== undefined) {
      if (broughtBy !== undefined) known.broughtBy?.add(broughtBy);
      else if (known.broughtBy !== undefined) this.#replace(known, { ...known, broughtBy: undefined });
      return { id: known.id, isNew: false };
    }
    if (this.#stores.length >= MAX_STORES) {
      throw new CallError('limit', `At most ${MAX_STORES} stores can be attached.`, { file: found.path });
    }
    const id = this.#nextId++;
    const by = broughtBy === undefined ? undefined : new Set([broughtBy]);
    this.#set([
      ...this.#stores,
      { id, found, realRoot, broughtBy: by, objects: undefined, hits: undefined, problem: undefined },
    ]);
    return { id, isNew: true };
  }

  /** @throws CallError */
  detach(id: StoreId): void {
    if (!this.#stores.some((store) => store.id === id)) throw noStore(id);
    this.#set(this.#stores.filter((store) => store.id !== id));
  }

  /** Detaches the stores that were there for this image alone. */
  imageClosed(image: ImageId): void {
    const left = this.#stores.filter(({ broughtBy }) => {
      broughtBy?.delete(image);
      return broughtBy === undefined || broughtBy.size > 0;
    });
    if (left.length < this.#stores.length) this.#set(left);
  }

  /** @throws CallError where the ids are not those of all stores, each once */
  order(ids: readonly StoreId[]): void {
    const ordered = ids.map((id) => {
      const store = this.#stores.find((candidate) => candidate.id === id);
      if (store === undefined) throw noStore(id);
      return store;
    });
    if (new Set(ids).size !== this.#stores.length || ids.length !== this.#stores.length) {
      throw new CallError('invalid-request', 'The new order must hold each store once.');
    }
    this.#set(ordered);
  }

  #replace(old: AttachedStore, by: AttachedStore): void {
    this.#set(this.#stores.map((store) => (store === old ? by : store)));
  }

  #set(stores: readonly AttachedStore[]): void {
    this.#stores = stores;
    this.#onChange();
  }
}

const noStore = (id: StoreId): CallError => new CallError('invalid-request', `There is no store ${id}.`);
