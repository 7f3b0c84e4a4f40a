import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import type { FetchPlan } from '../../shared/contract/publish-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';

const ROW_PX = 20;

/** Objects of a plan, of which those on the screen are drawn. */
export function FetchList({ objects }: { readonly objects: FetchPlan['fetch'] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: objects.length,
    estimateSize: () => ROW_PX,
    getScrollElement: () => scroller.current,
    overscan: 8,
  });
  return (
    // it is scrolled by keyboard, too
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div ref={scroller} className="publish-fetch" tabIndex={0} role="group" aria-label="Objects to fetch">
      <ul style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const object = objects[index];
          return (
            object && (
              <li
                key={object.path}
                aria-posinset={index + 1}
                aria-setsize={objects.length}
                style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
                title={object.path}
              >
                <code className="ellipsis">{object.path}</code> <span className="dim">{formatBytes(object.size)}</span>
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
}
