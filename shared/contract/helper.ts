import * as z from 'zod';
import { CleanPath, MountPlanSchema } from './mount-calls.ts';
import type { Leftover, LiveMount, MountCause, MountDone, MountStep } from './mount-values.ts';

/**
 * What the privileged helper does, and nothing else: a new verb is a security review. One request after the other, as
 * frames (frames.ts) on its standard input; the answers on its standard output.
 */

export const HelperRequest = z.discriminatedUnion('verb', [
  /** First, and once: both are of one version; what was left by a helper that was killed. */
  z.strictObject({ verb: z.literal('hello'), protocol: z.int() }),
  /** Asks the kernel, by calls that need root, what it can mount. */
  z.strictObject({ verb: z.literal('preflight') }),
  z.strictObject({
    verb: z.literal('mount'),
    plan: MountPlanSchema,
    /** Of each layer: the image carries POSIX ACLs (a flag in its header); without, EROFS need not look for them. */
    acl: z.array(z.boolean()).max(128),
  }),
  z.strictObject({
    verb: z.literal('unmount'),
    what: z.union([
      z.strictObject({ mountpoint: CleanPath, lazy: z.boolean() }),
      z.strictObject({ leftover: z.string().regex(/^[0-9a-f]{16}$/) }),
    ]),
  }),
  z.strictObject({ verb: z.literal('list') }),
  /** The kernel's measurement of a file. */
  z.strictObject({ verb: z.literal('measure'), path: CleanPath }),
  /** Seals a file that belongs to the caller; nothing takes that back. */
  z.strictObject({ verb: z.literal('enable-verity'), path: CleanPath, algorithm: z.enum(['sha256', 'sha512']) }),
]);
export type HelperRequest = z.output<typeof HelperRequest>;
export type HelperVerb = HelperRequest['verb'];

/** What the kernel says when it is asked as root. */
export interface KernelProbe {
  /** The file system is there; the errno of fsopen where not. */
  readonly erofs: string | undefined;
  readonly overlay: string | undefined;
  /** fsconfig knows `datadir+`, `lowerdir+` (Linux 6.7), and takes file descriptors for them (6.13). */
  readonly layerOptions: 'descriptors' | 'paths' | 'one-string';
  /** overlay knows `verity=`. */
  readonly verity: boolean;
  /** errno of asking for a free loop device; undefined: there is one. */
  readonly loop: string | undefined;
}

export interface HelperResponses {
  hello: {
    readonly protocol: number;
    readonly mode: HelperMode;
    /** Who is asking: uid that started pkexec, or 0. */
    readonly caller: number;
    readonly leftovers: readonly Leftover[];
  };
  preflight: KernelProbe;
  mount: MountDone;
  unmount: Record<string, never>;
  list: { readonly mounts: readonly LiveMount[]; readonly leftovers: readonly Leftover[] };
  measure: { readonly algorithm: 'sha256' | 'sha512'; readonly digest: string };
  'enable-verity': { readonly algorithm: 'sha256' | 'sha512'; readonly digest: string };
}

/** `verified`: mounts that demand the image's digest and `verity=require`, and unmounts of one's own; `any`: all. */
export const helperModes = ['verified', 'any'] as const;
export type HelperMode = (typeof helperModes)[number];

/** Why the helper did not do as asked, as far as it knows itself. */
export interface HelperFault {
  /** Stable: `invalid-request`, `not-allowed`, `failed`, … */
  readonly code: string;
  readonly message: string;
  readonly errno: string | undefined;
  /** The cause, where the helper saw it itself. */
  readonly reason: MountCause | undefined;
  readonly path: string | undefined;
  readonly steps: readonly MountStep[];
}

/** From the helper: steps of what was asked, then one end. `id` is that of the request. */
export type HelperMessage =
  | { readonly id: number; readonly type: 'step'; readonly step: MountStep }
  | { readonly id: number; readonly type: 'done'; readonly value: unknown }
  | { readonly id: number; readonly type: 'failed'; readonly fault: HelperFault };
