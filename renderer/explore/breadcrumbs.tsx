import type { ImageId } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { goTo } from '../state/navigate.ts';

export interface BreadcrumbsProps {
  readonly image: ImageId;
  /** Of the image: it stands for the root. */
  readonly name: string;
  readonly path: string;
}

/** The path of the focused entry, each part a way back up. */
export function Breadcrumbs({ image, name, path }: BreadcrumbsProps) {
  const crumbs = path
    .split('/')
    .filter((part) => part !== '')
    .map((part, index, parts) => ({ part, to: `/${parts.slice(0, index + 1).join('/')}` }));
  const go = async (to: string): Promise<void> => {
    const reply = await engine.call('find', { image, path: to });
    if (reply.ok && reply.value) await goTo(image, reply.value.entry);
  };
  return (
    <nav className="breadcrumbs" aria-label="Path">
      <ol>
        <li>
          <button
            type="button"
            className="ellipsis"
            title={`Root of ${name}`}
            onClick={() => void go('/')}
            {...(crumbs.length === 0 ? { 'aria-current': 'page' as const } : {})}
          >
            {name}
          </button>
        </li>
        {crumbs.map(({ part, to }, index) => (
          <li key={to}>
            <button
              type="button"
              className="ellipsis"
              title={to}
              onClick={() => void go(to)}
              {...(index === crumbs.length - 1 ? { 'aria-current': 'page' as const } : {})}
            >
              {part}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
