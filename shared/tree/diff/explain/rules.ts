import type { CauseRule } from './delta.ts';
import { beforeEscaping } from './rules/before-escaping.ts';
import { bootable } from './rules/bootable.ts';
import { clamped } from './rules/clamped.ts';
import { devicesChanged } from './rules/devices-changed.ts';
import { directoryPermissions } from './rules/directory-permissions.ts';
import { directoryTimes } from './rules/directory-times.ts';
import { droppedXattrs } from './rules/dropped-xattrs.ts';
import { emptyObject } from './rules/empty-object.ts';
import { foldedNames } from './rules/folded-names.ts';
import { hardLinks } from './rules/hard-links.ts';
import { inlineThreshold } from './rules/inline-threshold.ts';
import { linkCounts } from './rules/link-counts.ts';
import { nanoseconds } from './rules/nanoseconds.ts';
import { notPrinted } from './rules/not-printed.ts';
import { opaqueWithWhiteout } from './rules/opaque-with-whiteout.ts';
import { ostree } from './rules/ostree.ts';
import { otherAlgorithm } from './rules/other-algorithm.ts';
import { otherRedirect } from './rules/other-redirect.ts';
import { overlayXattrs } from './rules/overlay-xattrs.ts';
import { ownerMapping } from './rules/owner-mapping.ts';
import { partialPulls } from './rules/partial-pulls.ts';
import { posixAcls } from './rules/posix-acls.ts';
import { rootFromUsr } from './rules/root-from-usr.ts';
import { runEmptied } from './rules/run-emptied.ts';
import { runtimeStubs } from './rules/runtime-stubs.ts';
import { sameTime } from './rules/same-time.ts';
import { selinuxLabels } from './rules/selinux-labels.ts';
import { stubLikeWhiteout } from './rules/stub-like-whiteout.ts';
import { symlinkPermissions } from './rules/symlink-permissions.ts';
import { trailingNuls } from './rules/trailing-nuls.ts';
import { whiteoutNames } from './rules/whiteout-names.ts';
import { withoutDevices, withoutSockets } from './rules/without-devices.ts';
import { withoutDigest } from './rules/without-digest.ts';
import { wrongObjectIds } from './rules/wrong-object-ids.ts';

/** All rules. Those that say the most of what they match come first: each takes what it explains from the others. */
export const causeRules: readonly CauseRule[] = [
  otherAlgorithm,
  ostree,
  notPrinted,
  withoutDigest,
  otherRedirect,
  emptyObject,
  inlineThreshold,
  wrongObjectIds,
  partialPulls,
  rootFromUsr,
  runEmptied,
  bootable,
  opaqueWithWhiteout,
  beforeEscaping,
  overlayXattrs,
  whiteoutNames,
  stubLikeWhiteout,
  withoutDevices,
  withoutSockets,
  trailingNuls,
  foldedNames,
  devicesChanged,
  runtimeStubs,
  ownerMapping,
  sameTime,
  clamped,
  nanoseconds,
  directoryTimes,
  symlinkPermissions,
  directoryPermissions,
  selinuxLabels,
  hardLinks,
  linkCounts,
  posixAcls,
  droppedXattrs,
];
