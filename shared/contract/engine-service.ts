import * as z from 'zod';
import { compareFormats } from './compare-values.ts';
import { CreateRequest, type CreateOutcome } from './create-values.ts';
import { PublishRequest, type PublishOutcome } from './publish-values.ts';
import type { Reply } from './values.ts';
import { reportFormats } from './verify-values.ts';

/** What main asks of the engine over their own channel. What the page asks goes past main, see `engineRequests`. */
export const serviceRequests = {
  /** Writes a file's whole content to a path that the user chose in the save dialog. */
  saveContent: z.strictObject({ image: z.int().min(0), entry: z.int().min(0), path: z.string().min(1).max(4096) }),
  /** Writes the differences of a comparison. */
  saveComparison: z.strictObject({
    comparison: z.int().min(0),
    format: z.enum(compareFormats),
    path: z.string().min(1).max(4096),
  }),
  /** Writes a report of what was verified. */
  saveReport: z.strictObject({ format: z.enum(reportFormats), paths: z.boolean(), path: z.string().min(1).max(4096) }),
  /** Makes an image of a source, and its objects, where the user said. */
  createImage: CreateRequest,
  /** Publishes images where the user said, signed with the key that the user picked. */
  publish: PublishRequest,
} as const;

export interface ServiceResponses {
  saveContent: { readonly path: string; readonly bytes: number };
  saveReport: { readonly path: string };
  saveComparison: { readonly path: string };
  createImage: CreateOutcome;
  publish: PublishOutcome;
}

export type ServiceCall = keyof typeof serviceRequests;
export type ServiceRequest<K extends ServiceCall> = z.output<(typeof serviceRequests)[K]>;
export type ServiceHandlers = {
  readonly [K in ServiceCall]: (request: ServiceRequest<K>) => Promise<ServiceResponses[K]>;
};

/** Sent beside a port in `ports`: the page's end is with the page, the one before it is no longer used. */
export const WINDOW_PORT = 'window-port';

/** Main to engine. */
export const ServiceMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal(WINDOW_PORT) }),
  z.strictObject({ type: z.literal('call'), id: z.int(), name: z.string(), request: z.unknown() }),
]);

/** Engine to main. */
export interface ServiceReply {
  readonly type: 'reply';
  readonly id: number;
  readonly reply: Reply<unknown>;
}
