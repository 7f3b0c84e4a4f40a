import * as z from 'zod';

/**
 * `manifest.json` of a published folder: what lies in it, and what a client must fetch.
 *
 * ```
 * { "composcope": "publication", "version": 1,
 *   "images":  [ { "name": "merged", "file": "images/merged.cfs", "size": 290816, "format": 0,
 *                  "digest": "9f…", "signature": "images/merged.cfs.p7s", "objects": [0, 1, 5], "objectBytes": 81204 } ],
 *   "objects": [ { "path": "objects/aa/bb…", "digest": "aabb…", "size": 5000 } ],
 *   "updates": [ { "have": "layer1", "want": "merged", "objects": 3, "bytes": 9000 } ] }
 * ```
 *
 * `digest` is the fs-verity digest (SHA-256, blocks of 4096 bytes, no salt) in hex, of the image or the object. An image's
 * `objects` are indices into the list. A client that has image `have`, with all its objects, and wants `want` fetches the
 * image, and those of its objects that `have` does not name; `updates` counts them for each pair. Paths are relative to the
 * manifest. Sizes are bytes. Readers refuse a `version` that they do not know, and ignore keys that they do not know.
 */
const Digest = z.string().regex(/^[0-9a-f]{64}$/);
const RelativePath = z
  .string()
  .max(4096)
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'leads out of the folder');
const Count = z.int().min(0);

export const PublishedImage = z.object({
  name: z.string().min(1).max(255),
  file: RelativePath,
  size: Count,
  /** composefs_version. */
  format: Count,
  digest: Digest,
  /** Detached PKCS#7 over the formatted digest, DER. */
  signature: RelativePath.optional(),
  objects: z.array(Count),
  objectBytes: Count,
});
export const PublishedObject = z.object({ path: RelativePath, digest: Digest, size: Count });
export const Update = z.object({ have: z.string(), want: z.string(), objects: Count, bytes: Count });

export const PublishManifest = z.object({
  composcope: z.literal('publication'),
  version: z.literal(1),
  images: z.array(PublishedImage).max(1024),
  objects: z.array(PublishedObject),
  updates: z.array(Update),
});

export type PublishedImage = z.output<typeof PublishedImage>;
export type PublishedObject = z.output<typeof PublishedObject>;
export type Update = z.output<typeof Update>;
export type PublishManifest = z.output<typeof PublishManifest>;

/** For each pair of images: what who has the one must fetch for the other. */
export function updatesOf(images: readonly PublishedImage[], objects: readonly PublishedObject[]): Update[] {
  const updates: Update[] = [];
  for (const have of images) {
    const known = new Set(have.objects);
    for (const want of images) {
      if (want === have) continue;
      const needed = want.objects.filter((index) => !known.has(index));
      const bytes = needed.reduce((sum, index) => sum + (objects[index]?.size ?? 0), 0);
      updates.push({ have: have.name, want: want.name, objects: needed.length, bytes });
    }
  }
  return updates;
}
