import type { VerityStatus } from '../../shared/contract/status.ts';
import { statusGlyphs, statusMeanings } from '../../shared/verity/status-words.ts';

export function VerityBadge({ status }: { readonly status: VerityStatus | undefined }) {
  if (!status) return null;
  return (
    <span className={`verity verity-${status}`} title={statusMeanings[status]}>
      <span className="verity-glyph" aria-hidden="true">
        {statusGlyphs[status]}
      </span>
      {status}
    </span>
  );
}
