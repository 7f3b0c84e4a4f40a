import type { LabelledValue } from './verify-values.ts';

/** Mounts, what stands in their way, and how one went, as plain data. */

/** What is to be mounted; paths are absolute. */
export interface MountPlan {
  /**
   * `overlay`: images as lower layers of an overlay, over stores. `erofs`: the one image alone, to look at its metadata.
   */
  readonly kind: 'overlay' | 'erofs';
  /** The lowest first, as everywhere: images, and directories as they are overlay's layers. */
  readonly layers: readonly MountLayer[];
  /** Data roots of stores, as data-only layers; the first is searched first. */
  readonly stores: readonly string[];
  /** Whether the kernel is to refuse objects that are not sealed with the digest that the image has. */
  readonly verity: 'require' | 'off';
  /** Where writes go, both on one file system; undefined: read-only. */
  readonly writable?: { readonly upper: string; readonly work: string } | undefined;
  /** `name`: below the app's own folder in /run. */
  readonly at: { readonly name: string } | { readonly directory: string };
  readonly allow: MountAllowances;
}

export interface MountLayer {
  readonly type: 'image' | 'directory';
  readonly path: string;
  /** Hex, the fs-verity digest that the image must have; undefined: whatever it has. */
  readonly digest?: string | undefined;
}

/** What a mount forbids unless it is said. */
export interface MountAllowances {
  readonly suid: boolean;
  readonly dev: boolean;
  readonly exec: boolean;
}

/** One system call, or a few that belong together, of a mount. */
export interface MountStep {
  /** From 1 on. */
  readonly number: number;
  /** `fsconfig`, `LOOP_CONFIGURE`, … */
  readonly call: string;
  /** What it was for: `overlay: datadir+ = /srv/objects`. */
  readonly detail: string;
  /** `skipped`: it failed as it does on a kernel that lacks it, and something else was done. */
  readonly outcome: 'done' | 'failed' | 'skipped';
  /** `EINVAL`, … */
  readonly errno: string | undefined;
  /** What the kernel said to it: of the file-system context, and of its log. */
  readonly log: readonly string[];
}

/** How an image was given to the kernel. */
export interface ImageSource {
  readonly path: string;
  /** `file`: by the file itself; `loop`: by a loop device; `memory`: by a sealed copy in memory, over a loop device or not. */
  readonly by: 'file' | 'loop' | 'memory';
  /** `/dev/loop3`. */
  readonly device: string | undefined;
  /** Of the image as it is mounted; undefined: nobody asked. */
  readonly digest: string | undefined;
  /** `kernel`: measured, the file is sealed; `computed`: of the copy that is mounted. */
  readonly digestBy: 'kernel' | 'computed' | undefined;
}

/** A mount that was made. */
export interface MountDone {
  readonly mountpoint: string;
  /** Number in mountinfo. */
  readonly mountId: number;
  readonly images: readonly ImageSource[];
  readonly steps: readonly MountStep[];
}

/** The known causes of failed mounts, and of unmounts. */
export const mountCauses = [
  'not-permitted',
  'no-helper',
  'missing-path',
  'symlink',
  'not-a-file',
  'not-a-directory',
  'mountpoint-not-empty',
  'mountpoint-not-yours',
  'not-erofs',
  'corrupt-image',
  'damaged-seal',
  'no-image-seal',
  'digest-mismatch',
  'image-too-large',
  'kernel-too-old',
  'no-filesystem',
  'no-loop-device',
  'no-store',
  'overlay-of-overlay',
  'layers-overlap',
  'upper-unfit',
  'upper-in-use',
  'bad-option',
  'verity-options',
  'too-deep',
  'not-composefs',
  'busy',
  'not-mounted',
  'unknown',
] as const;
export type MountCause = (typeof mountCauses)[number];

/** Why a mount, or an unmount, failed. All that it had done was undone. */
export interface MountFailure {
  readonly cause: MountCause;
  /** The likely cause, in one sentence. */
  readonly sentence: string;
  /** What to do, in one or two sentences; undefined: nothing is known. */
  readonly advice: string | undefined;
  /** Whether the sentence is proved by what was seen, or the likeliest of several. */
  readonly certainty: 'certain' | 'likely';
  readonly errno: string | undefined;
  readonly steps: readonly MountStep[];
  /** Who holds it, where it is busy. */
  readonly holders: readonly Holder[];
}

export type MountOutcome =
  { readonly ok: true; readonly done: MountDone } | { readonly ok: false; readonly failure: MountFailure };

export type UnmountOutcome = { readonly ok: true } | { readonly ok: false; readonly failure: MountFailure };

/** A process that keeps a mount busy. */
export interface Holder {
  readonly pid: number;
  /** Of the program: `bash`. */
  readonly name: string;
  readonly uid: number;
  /** `working directory`, `open file /mnt/etc/passwd`, … at most 8. */
  readonly holds: readonly string[];
}

/** A composefs mount, or one like it, that the system has, whoever made it. */
export interface LiveMount {
  /** Number in mountinfo. */
  readonly mountId: number;
  readonly mountpoint: string;
  /** `composefs`: overlay of images over data-only layers; `overlay`: images as layers alone; `erofs`: an image alone. */
  readonly kind: 'composefs' | 'overlay' | 'erofs';
  /** Who makes mounts of this look, for a person: `Composcope`, `mount.composefs`, `composefs-rs`, … */
  readonly maker: string;
  /** The uppermost first, as the kernel lists layers. */
  readonly images: readonly TracedImage[];
  /** Data-only layers, in order; as the kernel says them, which may be relative to nobody knows what. */
  readonly stores: readonly string[];
  readonly verity: 'require' | 'on' | 'off';
  readonly upper: string | undefined;
  readonly work: string | undefined;
  readonly readOnly: boolean;
  /** Of the mount, then of the file system: as in mountinfo. */
  readonly options: readonly string[];
  /** uid of who asked Composcope for it; undefined: Composcope did not make it. */
  readonly owner: number | undefined;
}

/** Where an image of a mount lies, and how that is known. */
export interface TracedImage {
  /** On disk; undefined: not known. */
  readonly path: string | undefined;
  /**
   * `recorded`: Composcope mounted it; `loop`, `source`: the kernel says so; `matched`: the mount shows the inode numbers
   * of this image; `unknown`: the kernel has no way from the mount to the file.
   */
  readonly by: 'recorded' | 'loop' | 'source' | 'matched' | 'unknown';
  /** For a person, where it is not known, or the file is gone. */
  readonly note: string | undefined;
  /** Hex: as recorded, as measured now, or as the mount's source says. */
  readonly digest: string | undefined;
}

/** What a helper left that was killed on its way. */
export interface Leftover {
  readonly id: string;
  /** For a person: what it is, and what clearing it does. */
  readonly sentence: string;
  readonly mountpoint: string | undefined;
}

export interface MountList {
  readonly mounts: readonly LiveMount[];
  readonly leftovers: readonly Leftover[];
  /** Where privileges come from, for mounts that verify. */
  readonly access: MountAccess;
}

/** How the helper becomes root here. */
export interface MountAccess {
  /** `root`: we are; `pkexec`: polkit asks, or a rule allows; `command`: only by a command in a terminal. */
  readonly by: 'root' | 'pkexec' | 'command';
  /** What happens when one mounts, or why it has to be the command: one sentence. */
  readonly sentence: string;
}

/** One line of the preflight. */
export interface PreflightCheck {
  readonly id: PreflightId;
  /** What is looked at: `EROFS`, `Store /srv/objects`. */
  readonly title: string;
  /** ✓, ✗, – (not known, or it makes no difference here). */
  readonly verdict: 'yes' | 'no' | 'unknown';
  /** What was found, in one sentence. */
  readonly finding: string;
  /** What to do; undefined: nothing. */
  readonly advice: string | undefined;
  readonly facts: readonly LabelledValue[];
}

export const preflightIds = [
  'privilege',
  'kernel',
  'erofs',
  'image-source',
  'overlay',
  'data-only',
  'layer-options',
  'verity-option',
  'fs-verity',
  'store',
  'image',
  'selinux',
  'tools',
] as const;
export type PreflightId = (typeof preflightIds)[number];

export interface Preflight {
  readonly checks: readonly PreflightCheck[];
  /** Nothing stands in the way of a mount, with `verity=require` and without. */
  readonly canMount: boolean;
  readonly canVerify: boolean;
}

/** The same mount by others' tools, to be copied. */
export interface MountCommands {
  readonly composcope: string;
  /** undefined: mount.composefs cannot do it, and `notes` say why. */
  readonly mountComposefs: string | undefined;
  /** Lines for a shell, in order. */
  readonly mount: readonly string[];
  readonly umount: readonly string[];
  /** What they do otherwise, or do not check. */
  readonly notes: readonly string[];
}
