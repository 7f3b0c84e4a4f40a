import type { Output } from './output.ts';
import type { Reporter } from './reporter.ts';

/** What every command is given. */
export interface Context {
  readonly out: Output;
  readonly reporter: Reporter;
}

/** Options as commander hands them over; each command looks at those that it has. */
export interface Options {
  readonly json?: boolean;
  readonly store?: readonly string[];
  readonly basedir?: string;
  readonly filter?: readonly string[];
  readonly depth?: number;
  readonly stubs?: boolean;
  readonly raw?: boolean;
  readonly print0?: boolean;
  readonly full?: boolean;
  readonly jobs?: number;
  readonly report?: string;
  /** False: `--no-paths`. */
  readonly paths?: boolean;
  /** False: `--no-cache`. */
  readonly cache?: boolean;
  readonly digest?: string;
  readonly requireSeal?: boolean;
  readonly from?: readonly string[];
  readonly dryRun?: boolean;
  /** False: `--no-keep`. */
  readonly keep?: boolean;
  readonly signature?: string;
  readonly certificate?: readonly string[];
  readonly dump?: boolean;
  /** In place of an image: these, the lowest first, merged. */
  readonly layers?: readonly string[];
  /** Overlay's attributes in `user.` are read, as by a mount with `userxattr`. */
  readonly userXattrs?: boolean;
  readonly platform?: string;
  readonly maxEntries?: number;
  readonly maxBytes?: number;
  /** Of comparisons: layers above each side; what is not to count; sums alone; a table. */
  readonly aLayer?: readonly string[];
  readonly bLayer?: readonly string[];
  readonly ignore?: readonly string[];
  readonly ignorePaths?: string;
  readonly stat?: boolean;
  /** Causes in place of differences. */
  readonly explain?: boolean;
  readonly html?: boolean;
  readonly markdown?: boolean;
  readonly csv?: boolean;
  /** Of mounts. */
  readonly verity?: string;
  readonly plain?: boolean;
  readonly upper?: string;
  readonly work?: string;
  readonly suid?: boolean;
  readonly dev?: boolean;
  /** False: `--no-exec`. */
  readonly exec?: boolean;
  readonly ownFolder?: string;
  readonly printCommands?: boolean;
  readonly steps?: boolean;
  readonly lazy?: boolean;
  readonly clear?: boolean;
  /** The source is a dump. */
  readonly fromFile?: boolean;
  readonly useEpoch?: boolean;
  readonly skipDevices?: boolean;
  readonly skipXattrs?: boolean;
  readonly hardlinks?: boolean;
  readonly threads?: number;
  /** Objects that are in the store already are read. */
  readonly checkContent?: boolean;
  /** Folder for an image of each layer. */
  readonly layerImages?: string;
  readonly minVersion?: number;
  readonly maxVersion?: number;
  /** The format, by composefs-rs's option. */
  readonly erofsVersion?: 0 | 1 | 2;
  readonly printDigest?: boolean;
  readonly printDigestOnly?: boolean;
  /** What to write to. */
  readonly output?: string;
  /** What was published is checked, and nothing written. */
  readonly check?: boolean;
  /** Private key to sign with. */
  readonly key?: string;
  /** What opens it. */
  readonly passphraseFile?: string;
}

/** Runs a command; what it has to say about failures goes to the reporter, and so does the exit status. */
export type Command = (context: Context, operands: readonly string[], options: Options) => void | Promise<void>;
