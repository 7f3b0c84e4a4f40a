import type { VerityStatus } from '../../shared/contract/status.ts';

/** A glyph of its own for each status: colour is never the only sign. */
export const verityGlyphs: Readonly<Record<VerityStatus, string>> = {
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

/** What each status means, for tooltips and help (DESIGN.md, "Verity status of an entry"). */
export const verityMeanings: Readonly<Record<VerityStatus, string>> = {
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

export function VerityBadge({ status }: { readonly status: VerityStatus | undefined }) {
  if (!status) return null;
  return (
    <span className={`verity verity-${status}`} title={verityMeanings[status]}>
      <span className="verity-glyph" aria-hidden="true">
        {verityGlyphs[status]}
      </span>
      {status}
    </span>
  );
}
