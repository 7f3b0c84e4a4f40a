import { stat } from 'node:fs/promises';
import { basename, posix } from 'node:path';
import * as z from 'zod';
import { StoreError, storeError } from '../stores/store-error.ts';
import { decompress } from './decompress.ts';
import { DigestCheck, parseDigest } from './digest-check.ts';
import { fileBytes, openImageFiles, type ImageFiles } from './image-files.ts';
import { localPlatform, matchPlatform, parsePlatform, platformText, type Platform } from './platform.ts';
import { TarBytes } from './tar-content.ts';
import { tarEntries } from './tar-entries.ts';
import { DEFAULT_LIMITS, readTarLayer, type Limits, type TakeContent, type TarLayerImage } from './tar-layer.ts';

export interface OpenOciOptions {
  /** `linux/arm64/v8`, `linux/arm64` or `arm64`; without it, Linux on this machine's architecture. */
  readonly platform?: string;
  /** Where a file holds several images: a name that it gives to one, or the digest of its manifest. */
  readonly reference?: string;
  readonly limits?: Limits;
  /** What becomes of the files of layers that are read. */
  readonly takeContent?: TakeContent | undefined;
  readonly signal?: AbortSignal;
}

/** A container image, its layers from the bottom to the top. */
export interface OciImage {
  readonly title: string;
  /** `linux/amd64`; undefined where the image does not say. */
  readonly platform: string | undefined;
  readonly layers: readonly OciLayer[];
}

export interface OciLayer {
  /** The command that made it, as the image's history has it; else its digest. */
  readonly name: string;
  /** Of the blob as it is stored; in an archive of `docker save` without blobs, of the tar. */
  readonly digest: string;
  /** Of the tar. */
  readonly diffId: string | undefined;
  readonly mediaType: string;
  /** Bytes as it is stored. */
  readonly size: number;
  /** @throws StoreError `EBADMSG` where it is not what the image says, or no tar; `EFBIG` above the limits */
  read(signal?: AbortSignal): Promise<TarLayerImage>;
  /** Its tar, for contents; to be asked for before `read`, so that it is of the same bytes. @throws StoreError */
  tar(): Promise<TarBytes>;
}

/** Manifests, indexes and configs have some KiB. */
const MAX_JSON = 16 * 2 ** 20;
/** Images in a file, and indexes in indexes. */
const MAX_MANIFESTS = 1000;
const MAX_DEPTH = 4;
const DOCKER_LAYER = 'application/vnd.docker.image.rootfs.diff.tar';

const Text = z.string().nullish();
const Annotations = z.record(z.string(), z.string()).nullish();
const PlatformSchema = z.object({ os: Text, architecture: Text, variant: Text });
const Descriptor = z.object({
  mediaType: Text,
  digest: z.string(),
  size: z.number().int().min(0),
  platform: PlatformSchema.nullish(),
  annotations: Annotations,
});
const Index = z.object({ manifests: z.array(Descriptor).max(MAX_MANIFESTS) });
const Manifest = z.object({ config: Descriptor, layers: z.array(Descriptor) });
const Config = PlatformSchema.extend({
  rootfs: z.object({ diff_ids: z.array(z.string()).nullish() }).nullish(),
  history: z.array(z.object({ created_by: Text, empty_layer: z.boolean().nullish() })).nullish(),
});
const DockerManifest = z
  .array(
    z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()).nullish() }),
  )
  .min(1)
  .max(MAX_MANIFESTS);

type Descriptor = z.output<typeof Descriptor>;
type Config = z.output<typeof Config>;

/** An image that may be the one that is asked for. */
interface Candidate {
  readonly names: readonly string[];
  readonly digest: string | undefined;
  readonly platform: Platform;
  open(): Promise<{ readonly config: Config; readonly layers: readonly LayerParts[] }>;
}

type LayerParts = Pick<OciLayer, 'digest' | 'diffId' | 'mediaType' | 'size'> & {
  /** Of its file. */
  readonly file: string;
  /** Whether `digest` is that of the file. */
  readonly isBlob: boolean;
};

/**
 * A container image: a folder in OCI layout, an archive of one, or an archive of `docker save`; archives may be compressed.
 * An archive is read in place; a compressed one is unpacked again for each layer, up to where it lies.
 *
 * @throws StoreError `EBADMSG` where it is none or does not hold what its digests say, `ENOENT` where it has no image for
 * the platform or lacks a blob, `EINVAL` where several images fit
 */
export async function openOciImage(path: string, options: OpenOciOptions = {}): Promise<OciImage> {
  const { limits = DEFAULT_LIMITS, signal } = options;
  const files = await openImageFiles(path, limits.maxBytes, signal);
  const reader = new ImageReader(path, files, limits, signal, options.takeContent);
  const candidates = await reader.candidates();
  const chosen = choose(path, candidates, options);
  const { config, layers } = await chosen.open();
  const names = layerNames(config, layers);
  return {
    title: chosen.names.find((name) => name === options.reference) ?? chosen.names[0] ?? basename(path),
    platform: platformText(platformOf(config)) ?? platformText(chosen.platform),
    layers: layers.map((layer, index) => {
      const { file, digest, diffId, mediaType, size } = layer;
      const name = names[index] ?? digest;
      return {
        name,
        digest,
        diffId,
        mediaType,
        size,
        read: (own) => reader.readLayer(layer, own ?? signal),
        tar: () => TarBytes.of(files.pathOf(file), (start) => files.read(file, start)),
      };
    }),
  };
}

/** A container image that a path holds, without its layers. */
export interface OciImageName {
  /** What `reference` takes; undefined: nothing names it. */
  readonly reference: string | undefined;
  readonly names: readonly string[];
  readonly platform: Platform;
}

/** All container images that a path holds. @throws as `openOciImage` */
export async function listOciImages(path: string, options: OpenOciOptions = {}): Promise<readonly OciImageName[]> {
  const { limits = DEFAULT_LIMITS, signal } = options;
  const files = await openImageFiles(path, limits.maxBytes, signal);
  const candidates = await new ImageReader(path, files, limits, signal).candidates();
  return candidates.map(({ names, digest, platform }) => ({ reference: digest ?? names[0], names, platform }));
}

/** A layer that lies in a file of its own, as a tree. @throws StoreError as `readTarLayer` */
export async function readLayerFile(
  path: string,
  options: Omit<OpenOciOptions, 'platform'> = {},
): Promise<TarLayerImage> {
  const { limits = DEFAULT_LIMITS, takeContent, signal } = options;
  return readTarLayer(decompress(fileBytes(path)), { name: path, limits, takeContent, ...(signal && { signal }) });
}

/** What the archives of images hold, and no layer begins with. */
const archiveName =
  /^(?:blobs(?:\/sha(?:256|512)(?:\/[0-9a-f]+)?)?|oci-layout|(?:index|manifest)\.json|repositories|(?:sha256:)?[0-9a-f]{64}(?:\.json|\.tar|\.tar\.gz|\/layer\.tar|\/json|\/VERSION)?)\/?$/;
const archiveMarks: ReadonlySet<string> = new Set(['oci-layout', 'index.json', 'manifest.json']);
/** How far to look for a first entry. */
const MAX_LOOK = 8 * 2 ** 20;

/**
 * What layers can be read from a path: a folder in OCI layout, an archive of an image, a layer's tar; undefined: none. A
 * tar is an archive of an image when it has the files of one, and nothing else before them.
 *
 * @throws StoreError where it cannot be read
 */
export async function recogniseLayerSource(path: string): Promise<'oci-layout' | 'archive' | 'tar' | undefined> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return (await isLayout(path)) ? 'oci-layout' : undefined;
    if (!stats.isFile()) return undefined;
  } catch (error) {
    throw storeError(error, path);
  }
  let isTar = false;
  const bytes = async function* bytes(): AsyncGenerator<Uint8Array, void, void> {
    let count = 0;
    for await (const chunk of decompress(fileBytes(path))) {
      count += chunk.length;
      if (!isTar && count > MAX_LOOK) return; // zeros, of which a tar can have any number
      yield chunk;
    }
  };
  try {
    for await (const { header, raw } of tarEntries(bytes())) {
      isTar = true;
      const name = posix.normalize(raw.pax.get('path') ?? header.name);
      if (archiveMarks.has(name) && header.type === 'file') return 'archive';
      if (name !== './' && !archiveName.test(name)) return 'tar';
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    // who reads it is told what is wrong with it
  }
  return isTar ? 'tar' : undefined;
}

async function isLayout(path: string): Promise<boolean> {
  const isFile = async (name: string): Promise<boolean> => {
    try {
      return (await stat(`${path}/${name}`)).isFile();
    } catch {
      return false;
    }
  };
  return (await isFile('oci-layout')) && (await isFile('index.json'));
}

class ImageReader {
  readonly #path: string;
  readonly #files: ImageFiles;
  readonly #limits: Limits;
  readonly #takeContent: TakeContent | undefined;
  readonly #signal: AbortSignal | undefined;

  constructor(
    path: string,
    files: ImageFiles,
    limits: Limits,
    signal: AbortSignal | undefined,
    takeContent?: TakeContent,
  ) {
    this.#path = path;
    this.#files = files;
    this.#limits = limits;
    this.#takeContent = takeContent;
    this.#signal = signal;
  }

  /** All images that are there. Those of `docker save` have both lists: the newer one says more. */
  async candidates(): Promise<readonly Candidate[]> {
    const has = async (name: string): Promise<boolean> => (await this.#files.size(name)) !== undefined;
    if (await has('index.json')) {
      const found = new Map<string, Candidate>();
      await this.#walkIndex(await this.#json('index.json', Index), [], 0, found);
      return [...found.values()];
    }
    if (await has('manifest.json')) return this.#dockerImages();
    throw new StoreError('EBADMSG', this.#path, `${this.#path} is no image: it has no index.json and no manifest.json`);
  }

  /** @throws StoreError */
  async readLayer(layer: LayerParts, signal: AbortSignal | undefined): Promise<TarLayerImage> {
    const { file, digest, diffId, mediaType } = layer;
    const name = `${this.#path}: layer ${digest}`;
    if (mediaType.endsWith('+encrypted')) throw new StoreError('EBADMSG', this.#path, `${name} is encrypted`);
    const blob = layer.isBlob ? this.#blobCheck(layer) : undefined;
    const stored = this.#files.read(file);
    const unpacked = decompress(blob?.through(stored) ?? stored);
    const tar = diffId === undefined ? undefined : new DigestCheck(this.#path, `the tar of layer ${digest}`, diffId);
    try {
      const bytes = tar?.through(unpacked) ?? unpacked;
      const takeContent = this.#takeContent;
      const image = await readTarLayer(bytes, { name, limits: this.#limits, takeContent, ...(signal && { signal }) });
      if (blob?.done === false) await this.#checkBlob(layer, signal); // behind a compressed stream there may be more
      return image;
    } catch (error) {
      // a blob that is another one is why it cannot be read
      if (error instanceof StoreError && error.code === 'EBADMSG') await this.#checkBlob(layer, signal);
      throw error;
    }
  }

  #blobCheck({ digest, size }: LayerParts): DigestCheck {
    return new DigestCheck(this.#path, 'a layer', digest, size);
  }

  async #checkBlob(layer: LayerParts, signal: AbortSignal | undefined): Promise<void> {
    if (!layer.isBlob) return;
    for await (const chunk of this.#blobCheck(layer).through(this.#files.read(layer.file))) {
      if (chunk.length > 0) signal?.throwIfAborted();
    }
  }

  async #walkIndex(
    { manifests }: z.output<typeof Index>,
    names: readonly string[],
    depth: number,
    found: Map<string, Candidate>,
  ): Promise<void> {
    for (const descriptor of manifests) {
      const { digest, mediaType = '' } = descriptor;
      if (isAttestation(descriptor)) continue;
      const own = [...new Set([...namesOf(descriptor), ...names])];
      if (/(?:image\.index\.v1|manifest\.list\.v2)\+json$/.test(mediaType ?? '')) {
        if (depth >= MAX_DEPTH) throw this.#wrong(`has indexes in indexes, more than ${MAX_DEPTH} deep`);
        await this.#walkIndex(await this.#blob(descriptor, Index), own, depth + 1, found);
        continue;
      }
      const known = found.get(digest);
      const platform = known?.platform ?? (await this.#platformOf(descriptor));
      const all = [...new Set([...(known?.names ?? []), ...own])];
      found.set(digest, { names: all, digest, platform, open: () => this.#openManifest(descriptor) });
      if (found.size > MAX_MANIFESTS) throw this.#wrong(`has more than ${MAX_MANIFESTS} images`);
    }
  }

  /** As the index says; else as the image does, if it is there at all: an index may list what was not saved. */
  async #platformOf(descriptor: Descriptor): Promise<Platform> {
    if (descriptor.platform) return plain(descriptor.platform);
    try {
      return platformOf((await this.#openManifest(descriptor)).config);
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (error instanceof StoreError) return {}; // told when it is the one that is opened
      throw error;
    }
  }

  async #openManifest(descriptor: Descriptor): ReturnType<Candidate['open']> {
    const manifest = await this.#blob(descriptor, Manifest);
    const config = await this.#blob(manifest.config, Config);
    const diffIds = config.rootfs?.diff_ids ?? undefined;
    if (diffIds !== undefined && diffIds.length !== manifest.layers.length) {
      throw this.#wrong(`has ${manifest.layers.length} layers in its manifest, ${diffIds.length} in its config`);
    }
    const layers = manifest.layers.map(({ digest, mediaType, size }, index): LayerParts => {
      const diffId = diffIds?.[index];
      return { file: this.#blobFile(digest), isBlob: true, digest, diffId, mediaType: mediaType ?? '', size };
    });
    return { config, layers };
  }

  async #dockerImages(): Promise<readonly Candidate[]> {
    const manifest = await this.#json('manifest.json', DockerManifest);
    const candidates: Candidate[] = [];
    for (const { Config: configFile, RepoTags, Layers } of manifest) {
      const opened = await this.#openDocker(configFile, Layers ?? []);
      const platform = platformOf(opened.config);
      candidates.push({ names: RepoTags ?? [], digest: undefined, platform, open: () => Promise.resolve(opened) });
    }
    return candidates;
  }

  async #openDocker(configFile: string, files: readonly string[]): ReturnType<Candidate['open']> {
    const name = posix.normalize(configFile);
    const hex = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(name)?.[1];
    const config = await this.#json(name, Config, hex === undefined ? undefined : `sha256:${hex}`);
    const diffIds = config.rootfs?.diff_ids ?? [];
    if (diffIds.length !== files.length) {
      throw this.#wrong(`has ${files.length} layers in its manifest, ${diffIds.length} in its config`);
    }
    const layers: LayerParts[] = [];
    for (const [index, diffId] of diffIds.entries()) {
      const file = posix.normalize(files[index] ?? '');
      const size = await this.#files.size(file);
      if (size === undefined) throw new StoreError('ENOENT', this.#path, `${this.#path} has no layer ${file}`);
      const blob = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(file)?.[1];
      const digest = blob === undefined ? diffId : `sha256:${blob}`;
      layers.push({ file, isBlob: blob !== undefined, digest, diffId, mediaType: DOCKER_LAYER, size });
    }
    return { config, layers };
  }

  #blobFile(digest: string): string {
    const parsed = parseDigest(digest);
    if (parsed === undefined) throw this.#wrong(`names a blob by what is no digest: ${JSON.stringify(digest)}`);
    return `blobs/${parsed.algorithm}/${parsed.hex}`;
  }

  #blob<T>({ digest, size }: Descriptor, schema: z.ZodType<T>): Promise<T> {
    return this.#json(this.#blobFile(digest), schema, digest, size);
  }

  async #json<T>(file: string, schema: z.ZodType<T>, digest?: string, size?: number): Promise<T> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    const stored = this.#files.read(file);
    const bytes = digest === undefined ? stored : new DigestCheck(this.#path, file, digest, size).through(stored);
    for await (const chunk of bytes) {
      this.#signal?.throwIfAborted();
      chunks.push(chunk);
      length += chunk.length;
      if (length > MAX_JSON) {
        throw new StoreError('EFBIG', this.#path, `${this.#path}: ${file} has more than ${MAX_JSON} bytes`);
      }
    }
    let value: unknown;
    try {
      value = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    } catch (error) {
      throw this.#wrong(`has a ${file} that is no JSON: ${(error as Error).message}`, error);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw this.#wrong(`has a ${file} that is not as it must be: ${z.prettifyError(parsed.error)}`, parsed.error);
  }

  #wrong(why: string, cause?: unknown): StoreError {
    return new StoreError('EBADMSG', this.#path, `${this.#path} ${why}`, cause);
  }
}

const plain = ({ os, architecture, variant }: z.output<typeof PlatformSchema>): Platform => ({
  os: os ?? undefined,
  architecture: architecture ?? undefined,
  variant: variant ?? undefined,
});
const platformOf = (config: Config): Platform => plain(config);

/** What buildkit puts beside the images: statements about them, without layers. */
const isAttestation = ({ annotations, platform }: Descriptor): boolean =>
  annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' || platform?.os === 'unknown';

function namesOf({ annotations }: Descriptor): string[] {
  const names = [annotations?.['io.containerd.image.name'], annotations?.['org.opencontainers.image.ref.name']];
  return names.filter((name) => name !== undefined);
}

/** The commands that made the layers; none where the history tells of another number of layers. */
function layerNames({ history }: Config, layers: readonly LayerParts[]): readonly (string | undefined)[] {
  const made = (history ?? []).filter(({ empty_layer: isEmpty }) => isEmpty !== true);
  return made.length === layers.length ? made.map(({ created_by: command }) => command || undefined) : [];
}

function choose(path: string, all: readonly Candidate[], { platform, reference }: OpenOciOptions): Candidate {
  const list = (candidates: readonly Candidate[]): string =>
    candidates
      .map(({ names, digest, platform: of }) => {
        return [names[0] ?? digest ?? '', platformText(of) ?? ''].filter((part) => part !== '').join(' ');
      })
      .join(', ') || 'none';
  const named = all.filter(({ names, digest }) => {
    return reference === undefined || names.includes(reference) || digest === reference;
  });
  if (named.length === 0) {
    const what = reference === undefined ? 'no image' : `no image ${reference}`;
    throw new StoreError('ENOENT', path, `${path} has ${what}; there are: ${list(all)}`);
  }
  const [first] = named;
  if (platform === undefined && named.length === 1 && first !== undefined) return first;
  const text = platform ?? localPlatform(process.arch);
  const wanted = parsePlatform(text);
  const close = named.filter((candidate) => matchPlatform(wanted, candidate.platform) > 0);
  const exact = close.filter((candidate) => matchPlatform(wanted, candidate.platform) === 2);
  const fitting = exact.length > 0 ? exact : close;
  const [fits, another] = fitting;
  if (fits === undefined) {
    throw new StoreError('ENOENT', path, `${path} has no image for ${text}; there are: ${list(named)}`);
  }
  if (another !== undefined) {
    throw new StoreError('EINVAL', path, `${path} has several images for ${text}, say which: ${list(fitting)}`);
  }
  return fits;
}
