/**
 * Records of a pax header in their order: `LENGTH NAME=VALUE\n`, where values are any bytes; as Latin-1, a letter a byte.
 * @throws RangeError
 */
export function paxEntries(bytes: Uint8Array): readonly (readonly [name: string, value: string])[] {
  const records: [string, string][] = [];
  const text = Buffer.from(bytes).toString('latin1');
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(' ', at);
    const digits = space < 0 ? '' : text.slice(at, space);
    const end = at + Number(digits);
    const equals = text.indexOf('=', space);
    const isRecord = /^\d{1,8}$/.test(digits) && end <= text.length && text[end - 1] === '\n';
    if (!isRecord || equals < 0 || equals >= end) throw new RangeError('a pax header that is none');
    records.push([text.slice(space + 1, equals), text.slice(equals + 1, end - 1)]);
    at = end;
  }
  return records;
}

/** The last record of each name counts. @throws RangeError */
export const readPax = (bytes: Uint8Array): Map<string, string> => new Map(paxEntries(bytes));
