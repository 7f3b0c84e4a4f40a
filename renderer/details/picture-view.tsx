import { useEffect, useRef, useState } from 'react';
import { MAX_CONTENT } from '../../shared/contract/limits.ts';
import type { WireError } from '../../shared/contract/values.ts';
import { loadBytes, type FileBytes } from './content-pages.ts';
import { Failure } from './failure.tsx';

/** A larger file is not decoded: a small file can unfold to a picture that fills memory. */
const MAX_BYTES = 32 << 20;

export interface PictureViewProps {
  readonly file: FileBytes;
  readonly type: string;
  readonly name: string;
}

type Loaded = { readonly url: string } | { readonly error: WireError } | { readonly note: string } | undefined;

/** The content as a picture, decoded by Chromium in the sandboxed page. */
export function PictureView({ file, type, name }: PictureViewProps) {
  const [loaded, setLoaded] = useState<Loaded>(undefined);
  const latest = useRef(file);
  const { key } = file;
  useEffect(() => {
    latest.current = file;
  });
  useEffect(() => {
    let isCurrent = key !== ''; // another file is another picture
    let url: string | undefined;
    const load = async (): Promise<void> => {
      if (latest.current.size > MAX_BYTES) {
        setLoaded({ note: 'The picture is too large to be shown here: save it.' });
        return;
      }
      const reply = await loadBytes(latest.current, MAX_BYTES, MAX_CONTENT);
      if (!isCurrent) return;
      if (!reply.ok) {
        setLoaded({ error: reply.error });
        return;
      }
      url = URL.createObjectURL(new Blob([reply.value], { type }));
      setLoaded({ url });
    };
    void load();
    return () => {
      isCurrent = false;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [key, type]);
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
