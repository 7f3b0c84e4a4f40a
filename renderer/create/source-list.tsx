import { Menu } from '@base-ui/react/menu';
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import { addSources, pickSources, setSources, useCreate } from '../state/create.ts';
import { useStacks } from '../state/stack-store.ts';
import { useWorkspace } from '../state/workspace.ts';

const nameOf = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;

/** What the image is made of: one source, or layers with the lowest first. */
export function SourceList() {
  const sources = useCreate((state) => state.sources);
  const move = (index: number, by: 1 | -1): void => {
    const next = [...sources];
    next.splice(index + by, 0, ...next.splice(index, 1));
    setSources(next);
  };
  return (
    <fieldset>
      <legend>{sources.length > 1 ? 'Layers, the lowest first' : 'Source'}</legend>
      {sources.length === 0 && <p className="dim">Nothing yet: drop something on this view, or choose it.</p>}
      <ol className="mount-layers">
        {sources.map((path, index) => (
          <li key={path}>
            <div className="mount-layer">
              <span className="mount-layer-path details-break">
                <strong>{nameOf(path)}</strong> <span className="dim">{path}</span>
              </span>
              {sources.length > 1 && (
                <>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Lower ${nameOf(path)}`}
                    title="Lower"
                    disabled={index === 0}
                    onClick={() => move(index, -1)}
                  >
                    <ArrowUp size={13} aria-hidden />
                  </button>
                  <button
                    type="button"
                    className="icon-button"
                    aria-label={`Raise ${nameOf(path)}`}
                    title="Raise"
                    disabled={index === sources.length - 1}
                    onClick={() => move(index, 1)}
                  >
                    <ArrowDown size={13} aria-hidden />
                  </button>
                </>
              )}
              <button
                type="button"
                className="icon-button"
                aria-label={`Leave out ${nameOf(path)}`}
                title="Leave out"
                onClick={() => setSources(sources.filter((other) => other !== path))}
              >
                <X size={13} aria-hidden />
              </button>
            </div>
          </li>
        ))}
      </ol>
      <div className="verify-buttons">
        <button type="button" className="button" onClick={() => void pickSources('folder')}>
          A folder…
        </button>
        <button type="button" className="button" onClick={() => void pickSources('file')}>
          A file…
        </button>
        <OpenMenu />
      </div>
    </fieldset>
  );
}

/** Images and stacks that are open; a stack with layers that are off is not what lies at their paths. */
function OpenMenu() {
  const images = useWorkspace((state) => state.images);
  const stacks = useStacks((state) => state.stacks);
  const whole = stacks.filter(({ layers }) => layers.length > 0 && layers.every(({ isOn }) => isOn));
  const files = images.filter(({ kind }) => kind !== 'stack' && kind !== 'dump');
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={files.length + whole.length === 0}>
        What is open
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={4} align="start">
          <Menu.Popup className="popup">
            {files.map(({ image, name, title, path }) => (
              <Menu.Item key={image} className="popup-item" onClick={() => addSources([path])}>
                {name} <span className="popup-hint">{title}</span>
              </Menu.Item>
            ))}
            {whole.map(({ stack, layers }) => (
              <Menu.Item
                key={`stack-${stack}`}
                className="popup-item"
                onClick={() => setSources(layers.map(({ path }) => path))}
              >
                A stack <span className="popup-hint">{layers.length} layers</span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
