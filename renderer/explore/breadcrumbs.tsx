import type { ImageId } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { goTo } from '../state/navigate.ts';

/** The path of the focused entry, each part a way back up. */
export function Breadcrumbs({ image, path }: { readonly image: ImageId; readonly path: string }) {
  const parts = path.split('/').filter((part) => part !== '');
  const go = async (count: number): Promise<void> => {
    const reply = await engine.call('find', { image, path: `/${parts.slice(0, count).join('/')}` });
    if (reply.ok && reply.value) await goTo(image, reply.value.entry);
  };
  return (
    <nav className="breadcrumbs" aria-label="Path">
      <ol>
        <li>
          <button type="button" onClick={() => void go(0)} aria-label="Root of the image">
            /
          </button>
        </li>
        {parts.map((part, index) => (
          <li key={`${index}/${part}`}>
            {index > 0 && (
              <span className="dim" aria-hidden="true">
                ›
              </span>
            )}
            <button
              type="button"
              className="ellipsis"
              title={`/${parts.slice(0, index + 1).join('/')}`}
              onClick={() => void go(index + 1)}
              {...(index === parts.length - 1 ? { 'aria-current': 'page' as const } : {})}
            >
              {part}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
