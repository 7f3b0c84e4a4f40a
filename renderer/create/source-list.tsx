import { ArrowDown, ArrowUp } from 'lucide-react';
import { addSources, pickSources, setSources, useCreate } from '../state/create.ts';
import { OpenMenu } from './open-menu.tsx';
import { nameOf, SourceItem } from './source-item.tsx';

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
          <SourceItem key={path} path={path} onRemove={() => setSources(sources.filter((other) => other !== path))}>
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
          </SourceItem>
        ))}
      </ol>
      <div className="verify-buttons">
        <button type="button" className="button" onClick={() => void pickSources('folder')}>
          A folder…
        </button>
        <button type="button" className="button" onClick={() => void pickSources('file')}>
          A file…
        </button>
        <OpenMenu
          takes={({ kind }) => kind !== 'stack' && kind !== 'dump'}
          onImages={addSources}
          stack="A stack"
          onStack={setSources}
        />
      </div>
    </fieldset>
  );
}
