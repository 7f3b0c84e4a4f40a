import * as z from 'zod';
import type { MountCommands, MountList, MountOutcome, Preflight, UnmountOutcome } from './mount-values.ts';

/** What may be asked about mounts: of main by the page, and of the helper by main, by the same schemas. */

const MAX_PATH = 4095; // Linux PATH_MAX, with its NUL
/** Overlayfs takes 500 lower layers; nobody has stacked so many. */
const MAX_LAYERS = 128;
const MAX_STORES = 16;

/**
 * An absolute path as realpath gives it: no `.`, no `..`, no doubled slash. A newline, a comma and the like are letters of
 * names; a NUL ends every path of the kernel.
 */
export const CleanPath = z
  .string()
  .max(MAX_PATH)
  .refine((path) => path.startsWith('/'), 'is not absolute')
  .refine((path) => !path.includes('\0'), 'holds a NUL')
  .refine(
    (path) =>
      path === '/' ||
      path
        .slice(1)
        .split('/')
        .every((name) => name !== '' && name !== '.' && name !== '..'),
    'has a part that is empty, . or ..',
  );

/** Name of a folder of the app's own: letters that need no care anywhere. */
export const MountName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/, 'is no plain name');

const Digest = z.string().regex(/^(?:[0-9a-f]{64}|[0-9a-f]{128})$/, 'is no digest: 64 or 128 hexadecimal digits');

const MountLayerSchema = z.strictObject({
  type: z.enum(['image', 'directory']),
  path: CleanPath,
  digest: Digest.optional(),
});

export const MountPlanSchema = z
  .strictObject({
    kind: z.enum(['overlay', 'erofs']),
    layers: z.array(MountLayerSchema).min(1).max(MAX_LAYERS).readonly(),
    stores: z.array(CleanPath).max(MAX_STORES).readonly(),
    verity: z.enum(['require', 'off']),
    writable: z.strictObject({ upper: CleanPath, work: CleanPath }).optional(),
    at: z.union([z.strictObject({ name: MountName }), z.strictObject({ directory: CleanPath })]),
    allow: z.strictObject({ suid: z.boolean(), dev: z.boolean(), exec: z.boolean() }),
  })
  .refine(
    ({ kind, layers }) => kind === 'overlay' || (layers.length === 1 && layers[0]?.type === 'image'),
    'one image alone is mounted as EROFS',
  )
  .refine(
    ({ kind, stores, writable, verity }) =>
      kind === 'overlay' || (stores.length === 0 && writable === undefined && verity === 'off'),
    'EROFS alone has no stores, no upper layer and no verity=',
  )
  .refine(
    ({ kind, layers, stores, writable }) =>
      kind === 'erofs' || layers.length > 1 || stores.length > 0 || writable !== undefined,
    'an overlay needs a store, a second layer or an upper one',
  )
  .refine(
    ({ layers }) => layers.every(({ type, digest }) => type === 'image' || digest === undefined),
    'only an image has a digest',
  );

/** What the window asks of main about mounts. */
export const mountRequests = {
  mountPreflight: z.strictObject({
    images: z.array(CleanPath).max(MAX_LAYERS).readonly(),
    stores: z.array(CleanPath).max(MAX_STORES).readonly(),
  }),
  /** Every composefs mount of the system. */
  mounts: z.strictObject({}),
  /** Takes as long as the user takes for the password. `onMountStep` tells of each step. */
  mount: MountPlanSchema,
  /** `lazy`: at once out of sight, and freed when the last who holds it lets go. */
  unmount: z.strictObject({ mountpoint: CleanPath, lazy: z.boolean() }),
  /** Clears what a killed helper left. */
  clearLeftover: z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/) }),
  mountCommands: MountPlanSchema,
  /** Opens a mount of the list in the file manager. */
  showMount: z.strictObject({ mountpoint: CleanPath }),
} as const;

export interface MountResponses {
  mountPreflight: Preflight;
  mounts: MountList;
  mount: MountOutcome;
  unmount: UnmountOutcome;
  clearLeftover: UnmountOutcome;
  mountCommands: MountCommands;
  showMount: undefined;
}
