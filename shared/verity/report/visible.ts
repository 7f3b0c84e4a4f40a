/** As `displayBytes` has it: what moves the cursor, breaks the line, or turns the direction of what follows. */
const misleading =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text in which nothing hides: paths of the machine and words of its programs come as they are. What misleads becomes
 * `\xNN`, a byte of its UTF-8 each, as names in an image are shown; half a surrogate pair becomes U+FFFD, as in any file.
 */
export const visible = (text: string): string =>
  text.replace(misleading, (letter) =>
    letter >= '\ud800' && letter <= '\udfff'
      ? '\ufffd'
      : encodeURIComponent(letter)
          .replaceAll('%', String.raw`\x`)
          .toLowerCase(),
  );
