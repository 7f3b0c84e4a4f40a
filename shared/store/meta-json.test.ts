import { describe, expect, it } from 'vitest';
import { parseMetaJson } from './meta-json.ts';

const meta = (fields: object): string => JSON.stringify({ version: 1, algorithm: 'fsverity-sha512-12', ...fields });

describe('meta.json', () => {
  it.each([
    [{ erofs_formats: { default: 1, extra: [2] } }, 1],
    [{ erofs_formats: { default: 0 } }, 0],
    [{ features: { 'read-only-compatible': ['v1_erofs'] } }, 1],
    [{}, 2],
    [{ erofs_formats: { default: 2 }, features: { 'read-only-compatible': ['v1_erofs'] } }, 1],
    [{ erofs_formats: { default: 2, extra: [1] }, features: { 'read-only-compatible': ['v1_erofs'] } }, 2],
  ])('%j makes images of format %i', (fields, format) => {
    expect(parseMetaJson(meta(fields))).toMatchObject({ algorithm: 'sha512', imageFormat: format, cautions: [] });
  });

  it.each([
    [{ version: 2 }, 'repository format 2 is newer'],
    [{ algorithm: 'fsverity-sha256-16' }, 'unknown algorithm'],
    [{ features: { incompatible: ['teleport'] } }, 'unknown incompatible feature “teleport”'],
    [{ features: { 'read-only-compatible': ['v1_erofs', 'later'] } }, 'to be opened read-only'],
  ])('%j is cautioned about', (fields, caution) => {
    const cautions = parseMetaJson(meta(fields))?.cautions;
    expect(cautions).toEqual([expect.stringContaining(caution)]);
  });

  it('lets unknown fields and compatible features be', () => {
    const fields = { erofs_version: 7, features: { compatible: ['anything'] } };
    expect(parseMetaJson(meta(fields))?.cautions).toEqual([]);
  });

  it.each(['', '{', '[]', 'null', '{"version":1}', '{"version":1,"algorithm":"md5"}', meta({ features: 3 })])(
    'is not %s',
    (text) => {
      expect(parseMetaJson(text)).toBeUndefined();
    },
  );
});
