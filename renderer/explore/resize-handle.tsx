import { useRef, type PointerEvent } from 'react';
import { changeSettings, useSettings } from '../state/settings.ts';
import { resetColumn, resizeColumn } from './column-layout.ts';

/** The right edge of a column's head: drag resizes, double click gives it its first width again. */
export function ResizeHandle({ id }: { readonly id: string }) {
  const start = useRef<{ readonly x: number; readonly width: number } | undefined>(undefined);
  const onPointerDown = (event: PointerEvent<HTMLElement>): void => {
    event.preventDefault();
    start.current = { x: event.clientX, width: event.currentTarget.parentElement?.offsetWidth ?? 0 };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent<HTMLElement>): void => {
    if (!start.current) return;
    const width = start.current.width + event.clientX - start.current.x;
    changeSettings({ columns: resizeColumn(useSettings.getState().columns, id, width) });
  };
  return (
    <span
      className="tree-resize"
      aria-hidden="true"
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => (start.current = undefined)}
      onPointerCancel={() => (start.current = undefined)}
      onDoubleClick={() => changeSettings({ columns: resetColumn(useSettings.getState().columns, id) })}
    />
  );
}
