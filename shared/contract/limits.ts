/** Limits of single answers. Apart from the schemas, so that the window pulls in no zod. */

/** Rows in one answer. */
export const MAX_ROWS = 1000;
/** Bytes of content in one answer. */
export const MAX_CONTENT = 1 << 20;
