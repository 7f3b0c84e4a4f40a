import { useState } from 'react';
import type { ImageId } from '../../shared/contract/values.ts';
import { bytesOf, useContentPages } from './content-pages.ts';
import { Failure } from './failure.tsx';
import { HexRows, useHexScroll } from './hex-rows.tsx';
import { asciiBytes, hexBytes, HEX_ROW, parseOffset } from './hex.ts';

export interface HexViewProps {
  readonly image: ImageId;
  readonly entry: number;
  readonly size: number;
}

/** The content as hex: 16 bytes a row, loaded as one scrolls. */
export function HexView({ image, entry, size }: HexViewProps) {
  const scroll = useHexScroll(size);
  const pages = useContentPages(bytesOf(image, entry, size), scroll.first, scroll.last);
  if (pages.error) return <Failure error={pages.error} />;
  return (
    <>
      <GoToOffset onGo={scroll.goTo} />
      <HexRows
        scroll={scroll}
        label="Content as hex"
        renderRow={(offset) => {
          const bytes = pages.at(offset, HEX_ROW);
          return (
            <>
              <span className="details-hex-bytes">{bytes ? hexBytes(bytes) : ''}</span>
              <span>{bytes ? asciiBytes(bytes) : ''}</span>
            </>
          );
        }}
      />
    </>
  );
}

export function GoToOffset({ onGo }: { readonly onGo: (offset: number) => void }) {
  const [text, setText] = useState('');
  const offset = parseOffset(text);
  return (
    <form
      className="details-offset"
      onSubmit={(event) => {
        event.preventDefault();
        if (offset !== undefined) onGo(offset);
      }}
    >
      <input
        type="text"
        className="mono"
        aria-label="Go to offset"
        placeholder="Go to offset: 4096, 0x1000"
        aria-invalid={text !== '' && offset === undefined}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}
