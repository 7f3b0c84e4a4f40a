import type { VerifyReport } from '../../contract/verify-values.ts';

/** Shorter names would be found in words of ours: `a` in `bad`. They are still left out where they stand by themselves. */
const LEAST_IN_TEXT = 3;

/**
 * A report in which each path and name of an image, store or file is a number: the same one wherever it stands, also
 * within sentences. Objects keep their names, which are digests.
 */
export function withoutPaths(report: VerifyReport): VerifyReport {
  const names = new Map<string, string>();
  const hide = (text: string, kind: string): string => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const name = `(${kind} ${[...names.values()].filter((value) => value.startsWith(`(${kind} `)).length + 1})`;
    names.set(text, name);
    return name;
  };
  for (const { path, name, signature } of report.images) {
    hide(path, 'image');
    hide(name, 'image name');
    if (signature !== undefined) hide(signature.path, 'signature');
  }
  for (const { path } of report.stores) hide(path, 'store');
  for (const { objectPath, explanation, uses } of report.failures) {
    if (objectPath !== undefined) hide(objectPath, 'object');
    if (explanation?.goodCopy !== undefined) {
      hide(explanation.goodCopy.path, 'copy');
      hide(explanation.goodCopy.where, 'place');
    }
    for (const { path, image } of uses) {
      hide(path, 'path');
      hide(image, 'image name');
      const last = path.slice(path.lastIndexOf('/') + 1);
      if (last.length >= LEAST_IN_TEXT) hide(last, 'file name');
    }
  }
  // Longer ones first, since a path holds its folder's.
  const secrets = [...names.keys()]
    .filter(({ length }) => length >= LEAST_IN_TEXT)
    .toSorted((a, b) => b.length - a.length);
  const clean = (text: string): string => {
    let cleaned = text;
    for (const secret of secrets) {
      if (cleaned.includes(secret)) cleaned = cleaned.replaceAll(secret, names.get(secret) ?? '');
    }
    // what is left of paths that nobody listed: other stores, folders on the way
    return cleaned.replace(/(?<![\w/.-])\/(?:[^\s/,;:“”"']+\/)*[^\s/,;:“”"']+/g, '(path left out)');
  };
  return mapStrings(report, clean, (text) => names.get(text));
}

/** Names of fields that hold digests, words of ours or dates, in which there is nothing to leave out. */
const kept: ReadonlySet<string> = new Set([
  'status',
  'rule',
  'certainty',
  'algorithm',
  'digest',
  'redirect',
  'expectedDigest',
  'foundDigest',
  'date',
  'version',
  'errno',
  'verdict',
  'state',
  'title',
  'label',
]);

function mapStrings<T>(value: T, clean: (text: string) => string, known: (text: string) => string | undefined): T {
  const visit = (part: unknown, key: string): unknown => {
    if (typeof part === 'string') return kept.has(key) ? part : (known(part) ?? clean(part));
    if (part instanceof Uint8Array || typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map((one) => visit(one, key));
    return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, visit(one, name)]));
  };
  return visit(value, '') as T; // the same shape: only strings were replaced by strings
}
