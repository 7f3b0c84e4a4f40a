import type { DigestFinding } from '../contract/verify-values.ts';
import { count } from './explain/words.ts';
import type { VerityAlgorithm } from './fs-verity.ts';

/** What a digest that is not an image's own was found to be. */
export type DigestMatch =
  /** A hash of the file's bytes as they are. */
  | { readonly kind: 'plain-hash'; readonly algorithm: VerityAlgorithm; readonly of: 'image' | 'dump' }
  /** fs-verity of the file, by the hash that its objects do not have. */
  | { readonly kind: 'other-algorithm'; readonly algorithm: VerityAlgorithm; readonly own: VerityAlgorithm }
  /** fs-verity of the file over blocks of so many bytes. */
  | { readonly kind: 'other-block-size'; readonly blockSize: number }
  /** What a file of the image refers to, at this path and at so many more. */
  | { readonly kind: 'object'; readonly path: string; readonly more: number }
  /** The digest of another image that is open. */
  | { readonly kind: 'other-image'; readonly name: string }
  /** The checksum of an ostree commit; where it was seen. */
  | { readonly kind: 'ostree-commit'; readonly where: string }
  /** What bootc calls by a digest: a deployment, its kernel and initrd, the manifest of its container image. */
  | { readonly kind: 'bootc'; readonly what: 'deployment' | 'boot' | 'manifest'; readonly where: string }
  /** The same tree, written in this format with these xattrs; undefined: all. */
  | {
      readonly kind: 'other-writing';
      readonly formatVersion: number;
      readonly xattrs: string | undefined;
      /** Of the image; undefined: it is no composefs image yet. */
      readonly ownVersion: number | undefined;
    }
  /** None of these. `prefix` stood in front; `untried` is why the tree was not written in other formats. */
  | { readonly kind: 'unknown'; readonly prefix: VerityAlgorithm | undefined; readonly untried: string | undefined };

/** Block sizes that the kernel takes, in bytes; composefs always has 4096. */
export const verityBlockSizes = [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536] as const;

/** The hash in front, where a digest was given as container tools write them: `sha256:…`, and nothing else before it. */
export function ociPrefix(text: string): VerityAlgorithm | undefined {
  const prefix = /^\s*(sha256|sha512):/i.exec(text)?.[1]?.toLowerCase();
  return prefix === 'sha256' || prefix === 'sha512' ? prefix : undefined;
}

const compareVerity = 'Compare fs-verity with fs-verity: `composcope measure-file` or `fsverity digest` print it.';

/** What it means that the digest expected of an image is another kind of digest. Paths and names stand in `where` alone. */
export function findingOf(match: DigestMatch): DigestFinding {
  const certain = { kind: match.kind, certainty: 'certain', where: undefined } as const;
  switch (match.kind) {
    case 'plain-hash': {
      const name = hashName(match.algorithm);
      return {
        ...certain,
        sentence: `It is the plain ${name} of the ${match.of} file, as ${match.algorithm}sum prints it, which is never its fs-verity digest.`,
        advice: compareVerity,
      };
    }
    case 'other-algorithm':
      return {
        ...certain,
        sentence: `It is the fs-verity digest of this very file by ${hashName(match.algorithm)}; its own is by ${hashName(match.own)}, as its objects have it.`,
        advice: `The image is the right one. Compare by ${hashName(match.own)}, as a store of such objects does.`,
      };
    case 'other-block-size':
      return {
        ...certain,
        sentence: `It is the fs-verity digest of this very file over blocks of ${count(match.blockSize, 'byte')}; composefs takes blocks of 4,096.`,
        advice: 'The image is the right one. Measure it, and enable fs-verity, with --block-size=4096 and no salt.',
      };
    case 'object':
      return {
        ...certain,
        sentence: `It is the digest of one of the image’s objects, the content of ${match.more === 0 ? 'a file' : count(match.more + 1, 'file')}, and not of the image.`,
        where: match.path,
        advice: 'Take the digest of the image file, and not of an object in its store.',
      };
    case 'other-image':
      return {
        ...certain,
        sentence: 'It is the digest of another image that is open.',
        where: match.name,
        advice: 'Open the image that was meant, or compare the two.',
      };
    case 'ostree-commit':
      return {
        ...certain,
        sentence:
          'It is the checksum of an ostree commit, which is over the commit’s metadata and not over the image made of it.',
        where: match.where,
        advice:
          'The image digest lies in the commit, as ostree.composefs.digest.v0: `ostree show --print-metadata-key` prints it.',
      };
    case 'bootc':
      return {
        ...certain,
        sentence: bootcSentences[match.what],
        where: match.where,
        advice: 'Take the digest that stands on the kernel command line, composefs=…: that one is the image’s.',
      };
    case 'other-writing':
      return { ...certain, ...writtenOtherwise(match) };
    case 'unknown':
      return unknown(match);
  }
}

const bootcSentences = {
  deployment: 'It is the id of a bootc deployment, which need not be the digest of the image.',
  boot: 'It is the digest of a bootc deployment’s kernel and initrd, and not of the image.',
  manifest: 'It is the digest of the manifest of the container image that a bootc deployment came from.',
} as const;

function writtenOtherwise({
  formatVersion,
  xattrs,
  ownVersion,
}: Extract<DigestMatch, { kind: 'other-writing' }>): Pick<DigestFinding, 'sentence' | 'advice'> {
  const kept = xattrs === undefined ? '' : `, with these xattrs kept: ${xattrs}`;
  const isSame = formatVersion === ownVersion;
  const own = ownVersion === undefined || isSame ? '' : `; this file has format ${ownVersion}`;
  if (isSame && xattrs === undefined) {
    return {
      sentence: `It is the digest of the same tree as Composcope writes it in format ${formatVersion}: this file is laid out in another way.`,
      advice: 'Nothing in the tree differs. Make both with the same tool, or expect the digest of this file.',
    };
  }
  return {
    sentence: `It is the digest of the same tree written in format ${formatVersion}${kept}${own}.`,
    advice:
      'Pin on both sides the format, and which xattrs are kept; or write the image anew in the way that is expected.',
  };
}

function unknown({ prefix, untried }: Extract<DigestMatch, { kind: 'unknown' }>): DigestFinding {
  const written =
    untried === undefined
      ? ', nor that of its tree in another format'
      : `; its tree was not written in other formats, as ${untried}`;
  const tried = `neither a plain hash of the file, nor its fs-verity digest by another hash or block size, nor the digest of one of its objects${written}`;
  if (prefix === undefined) {
    return {
      kind: 'unknown',
      certainty: 'possible',
      sentence: `It is ${tried}.`,
      where: undefined,
      advice:
        'It is most likely of another build, or something was done to the tree: search for that (`composcope explain IMAGE --digest …`), or compare this image with the one that it is of.',
    };
  }
  return {
    kind: 'oci',
    certainty: 'possible',
    sentence: `With ${prefix}: in front it may be the digest of a container image’s manifest, config or layer; it is ${tried}.`,
    where: undefined,
    advice:
      'A manifest’s digest is not that of the composefs image made of it: that one stands in its label containers.composefs.fsverity, or on the kernel command line.',
  };
}

const hashName = (algorithm: VerityAlgorithm): string => (algorithm === 'sha256' ? 'SHA-256' : 'SHA-512');
