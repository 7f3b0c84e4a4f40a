/** The value of an extended attribute in words. */
export function decodeXattr(_name: string, _value: Uint8Array): string | undefined {
  return undefined;
}
