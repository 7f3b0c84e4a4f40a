/** Limits of single answers. Apart from the schemas, so that the window pulls in no zod. */

/** Rows in one answer. */
export const MAX_ROWS = 1000;
/** Bytes of content in one answer. */
export const MAX_CONTENT = 1 << 20;

/** What the privileged helper and those who start it speak. */
export const HELPER_PROTOCOL = 1;
/** Bytes of a request to the helper. */
export const MAX_HELPER_REQUEST = 1 << 20;
