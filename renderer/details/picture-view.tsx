import { useEffect, useState } from 'react';
import { MAX_CONTENT } from '../../shared/contract/limits.ts';
import type { ImageId, WireError } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { Failure } from './failure.tsx';

/** A larger file is not decoded: a small file can unfold to a picture that fills memory. */
const MAX_BYTES = 32 << 20;

export interface PictureViewProps {
  readonly image: ImageId;
  readonly entry: number;
  readonly size: number;
  readonly type: string;
  readonly name: string;
}

type Loaded = { readonly url: string } | { readonly error: WireError } | { readonly note: string } | undefined;

/** The content as a picture, decoded by Chromium in the sandboxed page. */
export function PictureView({ image, entry, size, type, name }: PictureViewProps) {
  const [loaded, setLoaded] = useState<Loaded>(undefined);
  useEffect(() => {
    let isCurrent = true;
    let url: string | undefined;
    const load = async (): Promise<void> => {
      if (size > MAX_BYTES) return setLoaded({ note: 'The picture is too large to be shown here: save it.' });
      const parts: BlobPart[] = [];
      for (let offset = 0; offset < size;) {
        const reply = await engine.call('content', {
          image,
          entry,
          offset,
          length: Math.min(MAX_CONTENT, size - offset),
        });
        if (!isCurrent) return undefined;
        if (!reply.ok) return setLoaded({ error: reply.error });
        if (reply.value.bytes.length === 0) break;
        parts.push(new Uint8Array(reply.value.bytes));
        offset += reply.value.bytes.length;
      }
      url = URL.createObjectURL(new Blob(parts, { type }));
      return setLoaded({ url });
    };
    void load();
    return () => {
      isCurrent = false;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [image, entry, size, type]);
  if (!loaded) return null;
  if ('error' in loaded) return <Failure error={loaded.error} />;
  if ('note' in loaded) return <p className="details-note dim">{loaded.note}</p>;
  return (
    <div className="details-picture">
      <img
        src={loaded.url}
        alt={name}
        onError={() => setLoaded({ note: 'This is no picture that can be decoded: look at it as hex.' })}
      />
    </div>
  );
}
