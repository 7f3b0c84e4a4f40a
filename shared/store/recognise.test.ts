import { describe, expect, it } from 'vitest';
import { objectName, ostreeMode, recogniseFolder, type FolderListing, type ListedKind } from './recognise.ts';

const SHA256 = 'a'.repeat(62);
const SHA512 = 'b'.repeat(126);

/** A folder: names that end in `/` are folders. */
function listing(names: string, rest: Partial<FolderListing> = {}): FolderListing {
  const entries = names.split(' ').map((name): [string, ListedKind] => {
    return name.endsWith('/') ? [name.slice(0, -1), 'directory'] : [name, 'file'];
  });
  const nothing = { metaJson: undefined, config: undefined, samples: [], objectSamples: [] };
  return { entries: new Map(entries), ...nothing, ...rest };
}

describe('a folder', () => {
  it.each([
    ['of two-digit folders', listing('00/ ff/', { samples: [SHA256] }), 'mkcomposefs', '.', 'mkcomposefs digest store'],
    ['of SHA-512 names', listing('00/', { samples: [SHA512] }), 'composefs-rs', '.', 'composefs-rs objects (SHA-512)'],
    ['of .file names', listing('00/', { samples: [`${SHA256}.file`] }), 'ostree', '.', 'ostree objects'],
    [
      'with such an objects/',
      listing('a.cfs objects/', { objectSamples: [SHA256] }),
      'mkcomposefs',
      'objects',
      'mkcomposefs digest store',
    ],
    [
      'with objects/, images/ and streams/',
      listing('objects/ images/ streams/', { objectSamples: [SHA512] }),
      'composefs-rs',
      'objects',
      'composefs-rs repository without meta.json (SHA-512)',
    ],
    [
      'with a meta.json',
      listing('meta.json objects/', {
        metaJson: '{"version":1,"algorithm":"fsverity-sha256-12","erofs_formats":{"default":1}}',
      }),
      'composefs-rs',
      'objects',
      'composefs-rs repository (SHA-256, image format 1)',
    ],
    [
      'with an ostree config',
      listing('config objects/ refs/', { config: '[core]\nrepo_version=1\nmode=bare-user\n' }),
      'ostree',
      'objects',
      'ostree repository (bare-user)',
    ],
  ])('%s is told', (_, folder, kind, dataRoot, title) => {
    expect(recogniseFolder(folder)).toMatchObject({ kind, dataRoot, title, note: undefined });
  });

  it('that holds an archive repository is told not to back a mount', () => {
    const folder = listing('config objects/', { config: '[core]\nmode=archive-z2\n' });
    expect(recogniseFolder(folder)?.note).toMatch(/cannot back a mount/);
    expect(recogniseFolder(listing('00/', { samples: [`${SHA256}.filez`, `${SHA256}.commit`] }))?.note).toMatch(
      /filez/,
    );
  });

  it('with a meta.json that cannot be understood says so', () => {
    const folder = listing('meta.json objects/ images/', { metaJson: '{' });
    expect(recogniseFolder(folder)?.note).toMatch(/meta\.json cannot be understood/);
  });

  it('with names of both lengths goes by the majority and says so', () => {
    const folder = listing('00/', { samples: [SHA512, SHA512, SHA256] });
    expect(recogniseFolder(folder)).toMatchObject({ kind: 'composefs-rs', note: expect.stringContaining('at once') });
  });

  it.each([
    ['with nothing in it', listing('')],
    ['with other things', listing('etc/ usr/')],
    ['with other things in two-digit folders', listing('00/ 01/', { samples: ['photo.jpg'] })],
    ['with an empty objects/', listing('objects/')],
    ['with the config of something else', listing('config objects/', { config: '[core]\n\tbare = true\n' })],
  ])('%s is no known store', (_, folder) => {
    expect(recogniseFolder(folder)).toBeUndefined();
  });

  it('leaves open whose SHA-256 names are, which their content tells', () => {
    expect(recogniseFolder(listing('00/', { samples: [SHA256] }))?.ambiguous).toBe(true);
    expect(recogniseFolder(listing('00/', { samples: [SHA512] }))?.ambiguous).toBe(false);
  });
});

describe('the name of an object', () => {
  it.each([
    [SHA256, 'sha256'],
    [SHA512, 'sha512'],
    [`${SHA256}.file`, 'ostree-file'],
    [`${SHA256}.filez`, 'ostree-filez'],
    [`${SHA256}.dirtree`, 'ostree-metadata'],
    [SHA256.toUpperCase(), undefined],
    [SHA256.slice(1), undefined],
    [`${SHA256}.txt`, undefined],
    [`${SHA256}\n`, undefined],
  ])('%j is of kind %s', (name, kind) => {
    expect(objectName(name)).toBe(kind);
  });
});

it('the mode of an ostree repository is the one of its [core] group', () => {
  expect(ostreeMode('[remote "x"]\nmode=wrong\n\n[core]\nrepo_version=1\nmode = bare\n')).toBe('bare');
  expect(ostreeMode('mode=bare\n')).toBeUndefined();
  expect(ostreeMode('[core]\nmode=<b>\n')).toBeUndefined();
});
