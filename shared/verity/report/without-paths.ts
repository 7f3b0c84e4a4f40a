import type { SignatureReport, VerifyReport } from '../../contract/verify-values.ts';
import { isObjectName, LeftOut, logWithoutNames, PATH_LEFT_OUT } from './left-out.ts';

/**
 * A report in which each path and name of an image, a store or a file is a number, the same one wherever it stands, also
 * within sentences. Objects keep their names where those are digests.
 */
export function withoutPaths(report: VerifyReport): VerifyReport {
  const names = namesOf(report);
  const visit = (part: unknown, key: string): unknown => {
    if (typeof part === 'string') return hide(part, key, names);
    if (part instanceof Uint8Array || typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map((one) => visit(one, key));
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, visit(one, name)]));
  };
  const images = report.images.map((image) => ({
    ...image,
    signature: image.signature && withoutReason(image.signature),
  }));
  return visit({ ...report, images }, '') as VerifyReport; // the same shape: only strings were replaced by strings
}

/** Why a signature cannot be checked names the certificate's file, which the report does not list. */
const withoutReason = (signature: SignatureReport): SignatureReport =>
  signature.verdict === 'malformed' ? { ...signature, sentence: 'It cannot be checked.' } : signature;

/** Everything in the report's own fields that names something, with what stands for it. */
function namesOf({ images, stores, failures }: VerifyReport): LeftOut {
  const names = new LeftOut();
  for (const { path, name, signature } of images) {
    const image = names.add(path, () => names.number('image'));
    // in a repository an image is named by its digest
    if (!isObjectName(name)) names.add(name, () => image);
    if (signature !== undefined) names.add(signature.path, () => names.number('signature'));
  }
  for (const { path } of stores) names.add(path.replace(/(?<=.)\/$/, ''), () => names.number('store'));
  for (const { redirect, objectPath, explanation, uses } of failures) {
    const object = isObjectName(redirect) ? undefined : names.add(redirect, () => names.number('object'));
    if (objectPath !== undefined) names.add(objectPath, () => inStore(objectPath, names, object));
    const copy = explanation?.goodCopy;
    if (copy !== undefined) {
      names.add(copy.path, () => inStore(copy.path, names, undefined));
      names.add(copy.where, () => names.number('place'));
    }
    for (const use of uses) {
      names.add(use.path, () => names.number('path'));
      if (!isObjectName(use.image)) names.add(use.image, () => names.number('image name'));
    }
  }
  return names;
}

/** A path below a store, told by the store's number and the object's name. */
function inStore(path: string, names: LeftOut, object: string | undefined): string {
  const told = names.text(path);
  if (!told.includes(PATH_LEFT_OUT)) return told;
  return object ?? names.number('file');
}

/** Fields that hold digests, dates and words of ours, in which there is nothing to leave out. */
const kept: ReadonlySet<string> = new Set([
  'status',
  'rule',
  'certainty',
  'algorithm',
  'digest',
  'signedDigest',
  'expectedDigest',
  'foundDigest',
  'verdict',
  'state',
  'date',
  'notBefore',
  'notAfter',
  'version',
  'errno',
]);

/** Where an expected digest may come from, but for a file's name (electron/engine/expected-digest.ts). */
const toldSource = /^(?:typed|--digest|kernel command line|its name in the repository|ostree commit [0-9a-f]+…?)$/;

function hide(text: string, key: string, names: LeftOut): string {
  if (kept.has(key)) return text;
  if (key === 'source') return toldSource.test(text) ? text : '(file name left out)';
  if (key === 'log') return names.text(logWithoutNames(text));
  return names.find(text) ?? names.text(text);
}
