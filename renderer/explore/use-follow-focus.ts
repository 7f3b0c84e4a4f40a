import { useEffect, useRef, type RefObject } from 'react';
import type { ViewId } from '../../shared/contract/values.ts';
import type { ImageView } from '../state/views.ts';
import { scrollTopFor } from './scroll-scale.ts';

/** Height of the columns' heads, which lie over the rows. */
export const HEADER_PX = 30;

interface Place {
  /** `scrollTop` in CSS pixels. */
  top: number;
  /** The `scrollTo` of the view that was done last. */
  done: number;
}

/** Where each view was scrolled to, for when it is looked at again. */
const places = new Map<ViewId, Place>();

export function placeOf(view: ViewId): Place {
  const place = places.get(view) ?? { top: 0, done: 0 };
  places.set(view, place);
  return place;
}

/**
 * Scrolls to the focused row when something other than the wheel moved the focus. A row that was in view stays so when
 * the table gets lower; one that was not is left alone.
 *
 * @param viewport height of the rows' part, in CSS pixels
 */
export function useFollowFocus(scroller: RefObject<HTMLElement | null>, view: ImageView, viewport: number): void {
  const { focus, scrollTo, state } = view;
  const { total, view: viewId } = state;
  const heightBefore = useRef(viewport);
  useEffect(() => {
    const element = scroller.current;
    const place = placeOf(viewId);
    if (!element) return undefined;
    const keepPlace = (): void => {
      place.top = element.scrollTop;
    };
    element.addEventListener('scroll', keepPlace, { passive: true });
    return () => element.removeEventListener('scroll', keepPlace);
  }, [scroller, viewId]);
  useEffect(() => {
    const element = scroller.current;
    const place = placeOf(viewId);
    const wasInView = element && scrollTopFor(focus, total, element.scrollTop, heightBefore.current) === undefined;
    heightBefore.current = viewport;
    if (!element || (place.done === scrollTo && !wasInView)) return;
    place.done = scrollTo;
    const top = scrollTopFor(focus, total, element.scrollTop, element.clientHeight - HEADER_PX);
    if (top !== undefined) element.scrollTo({ top });
  }, [scroller, viewId, scrollTo, focus, total, viewport]);
}
