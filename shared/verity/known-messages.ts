/** What a message means that is taken for two digests that differ. */
export interface MessageMeaning {
  /** In a sentence. */
  readonly meaning: string;
  /** What to do. */
  readonly advice: string;
}

interface KnownMessage extends MessageMeaning {
  readonly said: RegExp;
}

/** The first that fits says the most. */
const messages: readonly KnownMessage[] = [
  {
    said: /wrong composefs= parameter/i,
    meaning:
      'The UKI was sealed for an image with the digest behind “is”; the system made one with the digest behind “should be” of the same container image. Here the first is looked for.',
    advice:
      'Open the image that the system made, and search for what was done to the tree: another format, other xattrs, other times.',
  },
  {
    said: /has no fs-verity digest|has no fs-verity|no-verity|does not support fs-verity/i,
    meaning:
      'An image or an object is not sealed with fs-verity, and the mount wants it to be: nothing says that a digest is another one.',
    advice:
      'Seal it (`fsverity enable`), on a file system that has fs-verity (ext4 with -O verity, btrfs, f2fs); `composcope verify --require-seal` lists what is not sealed.',
  },
  {
    said: /fs-verity content mismatch/i,
    meaning:
      'composefs-rs found an object whose bytes do not have the digest that it is named by: the file was changed, or has the wrong name. It says nothing of how the image was made.',
    advice: 'Verify the store: `composcope verify --store`, or cfsctl fsck; then pull or repair the object.',
  },
  {
    said: /FILE CORRUPTED|wrong fs-verity digest/i,
    meaning:
      'The kernel read bytes that are not those that were sealed: the object is damaged, as after a loss of power. The digest that was expected is the right one.',
    advice: 'Verify the store, and repair the object from a good copy: `composcope repair`.',
  },
  {
    said: /splitstream|\bstreams\/(?:oci-|refs\/)?/i,
    meaning:
      'Ids of splitstreams are over compressed bytes: the same layer can have others with each zstd, and those of a config or manifest change where an image is added to it. They say nothing of the image.',
    advice: 'Compare the digests of the images.',
  },
  {
    said: /images?\b[^\n]{0,200}(?:not found|no such file)|(?:not found|no such file)[^\n]{0,200}\bimages?\//i,
    meaning:
      'The repository has no image of that digest. Most often it has one of the same content in another format, and so with another digest.',
    advice:
      'Look at all images of that content: open one of them, and compare its digest in each format with this one.',
  },
  {
    said: /(?:^|\s)[-+<>] ?\/\S* \d+ @?[0-7]{5,6} (?:\d+|-) /,
    meaning:
      'It is a text diff of two dumps. Those of C composefs and of composefs-rs differ in the size of every directory and in the line of every hard link, though the trees are equal.',
    advice: 'Compare the two dumps here, or with `composcope diff`: attribute by attribute, and not line by line.',
  },
];

/** What a message or command output means that somebody pastes; undefined: it is none that is known. @see digest-divergence.md, section 8 */
export function meaningOf(text: string): MessageMeaning | undefined {
  const known = messages.find(({ said }) => said.test(text));
  return known && { meaning: known.meaning, advice: known.advice };
}
