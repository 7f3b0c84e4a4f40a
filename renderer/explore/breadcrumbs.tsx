import type { ImageId } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { goTo } from '../state/navigate.ts';

/** The path of the focused entry, each part a way back up. */
export function Breadcrumbs({ image, path }: { readonly image: ImageId; readonly path: string }) {
  const crumbs = path
    .split('/')
    .filter((part) => part !== '')
    .map((name, index, parts) => ({ name, to: `/${parts.slice(0, index + 1).join('/')}` }));
  const go = async (to: string): Promise<void> => {
    const reply = await engine.call('find', { image, path: to });
    if (reply.ok && reply.value) await goTo(image, reply.value.entry);
  };
  return (
    <nav className="breadcrumbs" aria-label="Path">
      <ol>
        <li>
          <button type="button" onClick={() => void go('/')} aria-label="Root of the image">
            /
          </button>
        </li>
        {crumbs.map(({ name, to }, index) => (
          <li key={to}>
            {index > 0 && (
              <span className="dim" aria-hidden="true">
                ›
              </span>
            )}
            <button
              type="button"
              className="ellipsis"
              title={to}
              onClick={() => void go(to)}
              {...(index === crumbs.length - 1 ? { 'aria-current': 'page' as const } : {})}
            >
              {name}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
