import type { ReactNode } from 'react';
import type { EntryKind } from '../../shared/contract/values.ts';

/** Draws one icon of 14 px. Elements made once: React skips what is the same object, and a screen holds forty of them. */
const draw = (...paths: readonly string[]): ReactNode => (
  <svg viewBox="0 0 16 16" width={14} height={14} fill="none" stroke="currentColor" strokeWidth={1.3} aria-hidden>
    {paths.map((path) => (
      <path key={path} d={path} strokeLinejoin="round" strokeLinecap="round" />
    ))}
  </svg>
);

/** A picture for each kind of entry; the column Mode says the same in letters. */
export const kindIcons: Readonly<Record<EntryKind, ReactNode>> = {
  file: draw('M4 1.7h5l3.3 3.3v9.3H4z', 'M8.8 1.9v3.4h3.4'),
  directory: draw('M1.7 12.6V3.4h4.2l1.5 1.8h6.9v7.4z'),
  symlink: draw('M3 3v4.5h9.3', 'M9.3 4.3l3.2 3.2-3.2 3.2'),
  char: draw('M2 3.2h12v9.6H2z', 'M4.6 6l2 2-2 2', 'M8.4 10h3'),
  block: draw('M2 4.6h12v6.8H2z', 'M2 8h12', 'M11.4 9.7h.6'),
  fifo: draw('M2.2 5.5h7.6v5H2.2z', 'M9.8 8h4', 'M12 6l2 2-2 2'),
  socket: draw('M5.5 2v3M10.5 2v3', 'M3.5 5h9v2.5a4.5 4.5 0 0 1-9 0z', 'M8 12v2.3'),
  whiteout: draw('M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2z', 'M4 12L12 4'),
  unknown: draw('M5.6 5.7a2.4 2.4 0 1 1 3.5 2.1c-.8.4-1.1.8-1.1 1.6', 'M8 12.2v.1'),
};

/** Of a folder that can be opened; the row turns it when it is. */
export const twistyIcon: ReactNode = draw('M6 4l4 4-4 4');
