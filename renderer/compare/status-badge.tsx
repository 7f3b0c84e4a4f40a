import type { CompareStatus } from '../../shared/contract/compare-values.ts';
import { compareGlyphs, compareMeanings } from './words.ts';

export function StatusBadge({ status }: { readonly status: CompareStatus }) {
  return (
    <span className={`compare-status compare-is-${status}`} title={compareMeanings[status]}>
      <span className="compare-glyph" aria-hidden="true">
        {compareGlyphs[status]}
      </span>
      {status}
    </span>
  );
}
