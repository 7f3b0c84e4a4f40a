import { badStatuses, type VerityStatus } from '../contract/status.ts';

/** A glyph of its own for each status: colour is never the only sign. */
export const statusGlyphs: Readonly<Record<VerityStatus, string>> = {
  inline: '◆',
  unchecked: '○',
  ok: '✓',
  sealed: '⛨',
  unsealed: '◐',
  'no-digest': '–',
  missing: '✗',
  'size-mismatch': '≠',
  'digest-mismatch': '#',
  'wrong-seal': '⚿',
  unreadable: '⊘',
};

/** What each status means (DESIGN.md, "Verity status of an entry"). */
export const statusMeanings: Readonly<Record<VerityStatus, string>> = {
  inline: 'Content lies in the image itself; the image’s own digest protects it.',
  unchecked: 'Has a digest; nobody looked yet.',
  ok: 'The object’s computed fs-verity digest is the expected one.',
  sealed: 'As ok, and the kernel has fs-verity enabled on the object with that digest.',
  unsealed: 'Content is right but fs-verity is not enabled: a verity=require mount will refuse it.',
  'no-digest': 'Redirect without a digest: nothing protects this file.',
  missing: 'No such object in any attached store.',
  'size-mismatch': 'The object is there with another size than the image says.',
  'digest-mismatch': 'The object is there with other content than the image says.',
  'wrong-seal': 'fs-verity is enabled with another digest than the image asks for.',
  unreadable: 'Permission, I/O error, or not a regular file.',
};

/** How much it matters, for colours and levels: `warn` reads, but is not protected. */
export function toneOf(status: VerityStatus): 'good' | 'plain' | 'warn' | 'bad' {
  if (badStatuses.has(status)) return 'bad';
  if (status === 'unsealed' || status === 'no-digest') return 'warn';
  return status === 'ok' || status === 'sealed' ? 'good' : 'plain';
}
