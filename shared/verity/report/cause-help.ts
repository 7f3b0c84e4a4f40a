import type { RuleId } from '../../contract/verify-values.ts';

/** What each cause means, and what helps, for whoever reads of it without the rest of the report. */
export const causeHelp: Readonly<Record<RuleId, { readonly means: string; readonly help: string }>> = {
  swapped: {
    means: 'The file at the object’s place has the content of another object.',
    help: 'Look for what copied or renamed objects in the store: the object that belongs here may lie under the other name. Fetch it again where it does not.',
  },
  truncated: {
    means: 'The object ends before the size that the image says.',
    help: 'Fetch the object again. Where many are cut off, look at the free space and at how the store was copied.',
  },
  extended: {
    means: 'The right content is there, with more bytes behind its end.',
    help: 'A copy of the object without the bytes behind its end is the right one.',
  },
  'zero-filled': {
    means: 'The object is zeros from some block to its end, as where writes were lost.',
    help: 'Fetch the object again, and look at others that were written at the same time, as before a power cut.',
  },
  'blocks-differ': {
    means: 'The object has the right size, and some of its blocks have other bytes than a good copy.',
    help: 'Fetch the object again, or repair it from the good copy. A single flipped bit is what failing memory or a failing disk does.',
  },
  'size-only': {
    means: 'The object’s digest is right, and the image says another size.',
    help: 'Make the image anew: it was made wrong.',
  },
  'plain-hash': {
    means: 'The image, or the object’s name, has a plain hash of the content in place of its fs-verity digest.',
    help: 'Make the image anew with fs-verity digests: `fsverity digest`, not `sha256sum`.',
  },
  'other-parameters': {
    means: 'The digest is that of the content under another hash, block size or salt.',
    help: 'Make the image anew with blocks of 4096 bytes and no salt: kernels know no other in an image.',
  },
  compressed: {
    means: 'The object holds the right content in compressed form.',
    help: 'Unpack it: what comes out is the object.',
  },
  'text-changed': {
    means: 'The object is the right text with other line endings, another end, or a byte order mark.',
    help: 'Copy objects byte for byte: look for an editor, for git’s autocrlf, or for a transfer in text mode.',
  },
  'empty-convention': {
    means:
      'The object is empty as it should be; the digest in the image is that of another convention for empty files.',
    help: 'Make the image anew: files without content need no object and no digest.',
  },
  'other-layout': {
    means: 'The object is in the store under the name that another layout would give it.',
    help: 'Attach the folder that the image was made for, or copy the object to the name that the image wants.',
  },
  'other-store': {
    means: 'A good copy of the object is in a store that is known.',
    help: 'Repair it from there (`composcope repair`): it is copied, checked, and only then put in place.',
  },
  'sealed-damage': {
    means: 'The object is sealed by fs-verity, and the disk gives other bytes than were sealed.',
    help: 'Look at the health of the disk and its file system, then put a fresh copy in the object’s place.',
  },
  'sealed-otherwise': {
    means: 'The content is right; fs-verity was enabled on it with other parameters than images use.',
    help: 'A seal cannot be changed: put a fresh copy in its place and enable fs-verity with no options.',
  },
  'not-a-file': {
    means: 'There is something else than a regular file in the object’s place.',
    help: 'Replace it by the file itself, as a copy or a hard link: overlayfs follows no symlink to it.',
  },
  'no-permission': {
    means: 'Who looked may not read the object; whether it is right is not known.',
    help: 'Verify as a user that may read the store.',
  },
  'image-newer': {
    means: 'The image is newer than the store, which was not brought up to date.',
    help: 'Fetch the objects that came with the image, then verify again.',
  },
};
