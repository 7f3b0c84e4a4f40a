import { useState } from 'react';
import type { ImageId } from '../../shared/contract/values.ts';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { Failure } from './failure.tsx';

const STEP = 256 * 1024;
/** More text than this in one element makes the window slow; hex has no such limit. */
const MOST = 1 << 20;

/** The content as UTF-8; what is none shows as a replacement character. */
export function TextView({
  image,
  entry,
  size,
}: {
  readonly image: ImageId;
  readonly entry: number;
  readonly size: number;
}) {
  const [length, setLength] = useState(STEP);
  const part = useCall('content', { image, entry, offset: 0, length: Math.min(length, MOST) });
  if (part.status === 'failed') return <Failure error={part.error} />;
  if (!part.value) return null;
  const { bytes } = part.value;
  return (
    <div className="details-text" tabIndex={0} role="region" aria-label="Content as text">
      <pre>{new TextDecoder().decode(bytes)}</pre>
      {bytes.length < size && (
        <p className="dim">
          {formatCount(bytes.length)} of {formatCount(size)} bytes.{' '}
          {length < MOST ? (
            <button type="button" className="button" onClick={() => setLength(length + STEP)}>
              Show more
            </button>
          ) : (
            'Look at the rest as hex, or save it.'
          )}
        </p>
      )}
    </div>
  );
}
