import { Save } from 'lucide-react';
import { useState } from 'react';
import type { EntryDetails } from '../../shared/contract/values.ts';
import { formatCount } from '../parts/format.ts';
import { useCall } from '../engine/use-call.ts';
import { saveContent } from '../state/navigate.ts';
import { Failure } from './failure.tsx';
import { bytesOf } from './content-pages.ts';
import { HexView } from './hex-view.tsx';
import { KindBar, kindOf, type Kind } from './kind-bar.tsx';
import { PictureView } from './picture-view.tsx';
import { TextView } from './text-view.tsx';

/** The bytes of a file, from the image or through the store: as text, picture or hex. */
export function ContentTab({ details }: { readonly details: EntryDetails }) {
  const { image, row } = details;
  const hasContent = ['inline', 'object', 'layer'].includes(details.content ?? '');
  const first = useCall('content', hasContent ? { image, entry: row.entry, offset: 0, length: 4096 } : undefined);
  const [chosen, setChosen] = useState<Kind | undefined>(undefined);
  if (!hasContent) {
    return (
      <p className="details-note dim">
        {details.contentNote ?? (details.content === 'empty' ? 'The file is empty.' : 'This entry has no content.')}
      </p>
    );
  }
  if (first.status === 'failed') return <Failure error={first.error} />;
  if (!first.value) return null;
  const { type, size } = first.value;
  const natural = kindOf(type);
  const kind = chosen ?? natural;
  return (
    <div className="details-content">
      <div className="details-bar">
        <KindBar natural={natural} kind={kind} onChoose={setChosen} />
        <span className="dim ellipsis" title={type}>
          {type} · {formatCount(size)} bytes
        </span>
        <button
          type="button"
          className="icon-button"
          aria-label="Save as…"
          title="Save as…"
          onClick={() => void saveContent(image, row.entry, row.name)}
        >
          <Save size={14} aria-hidden />
        </button>
      </div>
      {details.verity &&
        details.verity.status !== 'inline' &&
        details.verity.status !== 'ok' &&
        details.verity.status !== 'sealed' && (
          <p className="details-caution dim">
            {details.content === 'layer'
              ? 'Bytes of the layer itself: there is no store to look for the object.'
              : `Bytes of the object as it is now: ${details.verity.status}.`}
          </p>
        )}
      {kind === 'text' && <TextView image={image} entry={row.entry} size={size} />}
      {kind === 'picture' && <PictureView file={bytesOf(image, row.entry, size)} type={type} name={row.name} />}
      {kind === 'hex' && <HexView image={image} entry={row.entry} size={size} />}
    </div>
  );
}
