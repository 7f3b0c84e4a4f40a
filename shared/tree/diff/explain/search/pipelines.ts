import { attributeTransforms } from './attribute-transforms.ts';
import { xattrTransforms } from './candidates.ts';
import { allInObjects, contentTransforms } from './content-transforms.ts';
import type { SearchContext, Transform } from './transform.ts';
import {
  bootableTransforms,
  rootFromUsrButLabel,
  rootFromUsrTransform,
  runEmptiedTransform,
  splitLinks,
} from './tree-transforms.ts';

/** What a tool does from end to end. */
export interface Pipeline {
  readonly name: string;
  readonly transforms: readonly Transform[];
}

const named = (all: readonly Transform[], name: string, at = 0): readonly Transform[] =>
  all.filter(({ transform }) => transform === name).slice(at, at + 1);

const noNanoseconds = named(attributeTransforms, 'T2');
const rounded = named(attributeTransforms, 'T2', 1);
const noTimes = named(attributeTransforms, 'T8');
const inImage = named(contentTransforms, 'T12', 1);
const noDigests = named(contentTransforms, 'T13');

/**
 * What the tools that make images do to a tree, by the table of digest-divergence.md, section 6, in its order: with each way
 * to keep xattrs that is known of them, with nanoseconds and without. Labels of an SELinux policy are kept as they are in
 * the tree, or removed: none are made.
 */
export function pipelinesOf(context: SearchContext): readonly Pipeline[] {
  const found: Pipeline[] = [];
  const add = (name: string, ...transforms: readonly Transform[]): void => void found.push({ name, transforms });
  const xattrs: readonly (readonly Transform[])[] = [[], ...xattrTransforms(context).map((one) => [one])];
  add('mkcomposefs of a directory', splitLinks, ...inImage);
  const boots: readonly (readonly [string, readonly Transform[]])[] = [
    ['cfsctl compute-id', []],
    ...bootableTransforms.map((one) => ['cfsctl compute-id --bootable, and bootc', [one]] as const),
  ];
  for (const [name, boot] of boots) {
    for (const kept of xattrs) {
      for (const times of [[], noNanoseconds, rounded]) {
        for (const root of [rootFromUsrTransform, rootFromUsrButLabel]) {
          add(name, root, runEmptiedTransform, ...kept, ...boot, ...times, ...inImage);
          // where files that a dump or a registry has in the image or not stay so
          add(name, root, runEmptiedTransform, ...kept, ...boot, ...times);
        }
      }
    }
  }
  for (const kept of xattrs) {
    // before 0.5.0 the root and /run were as they are
    for (const boot of bootableTransforms) add('composefs-rs before 0.5.0, --bootable', ...kept, boot);
  }
  for (const kept of xattrs) {
    add('ostree', ...kept, ...noTimes, allInObjects);
    add('ostree, without digests', ...kept, ...noTimes, allInObjects, ...noDigests);
  }
  add('containers/storage', allInObjects, ...noDigests);
  return found;
}
