import { RevealedStack } from '../../../shared/tree/merge/revealed-stack.ts';
import type { StackImage } from '../../../shared/tree/merge/stack-image.ts';
import { pathBytes } from '../../../shared/tree/path.ts';
import type { ImageId } from '../../../shared/contract/values.ts';
import type { ContentSource } from '../content.ts';
import { ImageSession, type OpenedFile } from '../image-session.ts';
import type { OpenedLayer } from '../layers/open-layer.ts';

/** What a stack hides, which is looked at only by who asks for it. */
interface Revealed {
  readonly image: RevealedStack;
  readonly session: ImageSession;
}

/** Nobody opened it as a file: it is the same as no other. */
const NO_FILE = { dev: -1, ino: -1, mtimeMs: 0 };

/** Layers that were merged, as an image that is open; with what they hide, whose entries follow behind those that show. */
export class StackSession extends ImageSession {
  readonly stack: StackImage;
  /** Those that are on, the lowest first. */
  readonly layers: readonly OpenedLayer[];
  #revealed: Revealed | undefined;

  /** @param path as `ImageSession` */
  constructor(
    id: ImageId,
    path: string,
    {
      stack,
      layers,
      ...file
    }: { readonly stack: StackImage; readonly layers: readonly OpenedLayer[] } & Pick<
      OpenedFile,
      'name' | 'openedInMs'
    >,
  ) {
    super(id, path, { ...file, image: stack, identity: { ...NO_FILE, size: stack.table.bytes.length } });
    this.stack = stack;
    this.layers = layers;
  }

  /** @throws ImageError `limit` */
  get revealed(): RevealedStack {
    return this.#reveal().image;
  }

  override get entries(): number {
    return this.#revealed?.image.table.count ?? this.stack.table.count;
  }

  override place(entry: number): { readonly session: ImageSession; readonly entry: number } {
    if (entry < this.stack.table.count) return { session: this, entry };
    const { image, session } = this.#reveal();
    return { session, entry: image.rowOf(entry) };
  }

  override fileOf(entry: number): Uint8Array | undefined {
    return fileIn(this.stack, this.layers, entry);
  }

  override layerContentOf(entry: number): ContentSource | undefined {
    return contentIn(this.stack, this.layers, entry);
  }

  #reveal(): Revealed {
    if (this.#revealed !== undefined) return this.#revealed;
    const image = new RevealedStack(this.stack);
    const { id, path, name, identity, layers } = this;
    const session = new (class extends ImageSession {
      override fileOf(entry: number): Uint8Array | undefined {
        return fileIn(image, layers, entry);
      }

      override layerContentOf(entry: number): ContentSource | undefined {
        return contentIn(image, layers, entry);
      }
    })(id, path, { image, identity, name, openedInMs: 0 });
    return (this.#revealed = { image, session });
  }
}

/** The content that lies in a layer that is a tar. */
function contentIn(stack: StackImage, layers: readonly OpenedLayer[], entry: number): ContentSource | undefined {
  const { layer, row } = stack.dataOf(entry);
  return layers[layer]?.contentOf?.(row);
}

/** The file of a layer that is a directory. */
function fileIn(stack: StackImage, layers: readonly OpenedLayer[], entry: number): Uint8Array | undefined {
  const { layer, row } = stack.dataOf(entry);
  const opened = layers[layer];
  if (opened?.image.kind !== 'directory') return undefined;
  return Buffer.concat([Buffer.from(opened.path), pathBytes(opened.image.table, row)]);
}
