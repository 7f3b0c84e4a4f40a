import type { BelowEntry } from '../../shared/contract/layer-values.ts';
import type { EntryDetails } from '../../shared/contract/values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { LayerBadge } from '../parts/layer-badge.tsx';
import { goTo } from '../state/navigate.ts';
import { goToHidden } from '../state/stacks.ts';
import { Fact, Facts } from './attributes-tab.tsx';

const words: Readonly<Record<BelowEntry['how'], string>> = {
  hidden: 'hides',
  merged: 'merges with',
  data: 'takes its bytes from',
};

/** Which layer of a stack an entry is from, what hides it, and what lies below it. */
export function LayersSection({ details }: { readonly details: EntryDetails }) {
  const { layers, path, image, row } = details;
  if (layers === undefined) return null;
  const { hiddenBy, below } = layers;
  return (
    <section aria-label="Layers">
      <h3>Layers</h3>
      <Facts>
        <Fact name="From">
          <LayerBadge number={layers.layer} /> <span className="details-break">{layers.name}</span>
          {layers.path !== path && (
            <>
              {' '}
              <span className="dim">where it is</span> <code className="details-break">{layers.path}</code>
            </>
          )}
        </Fact>
        {row.hidden !== undefined && (
          <Fact name="Shows">
            no: {row.hidden === 'whiteout' && hiddenBy === undefined ? 'it is a whiteout' : row.hidden}
          </Fact>
        )}
        {hiddenBy !== undefined && (
          <Fact name="Shadowed by">
            <LayerBadge number={hiddenBy.layer} />{' '}
            <button type="button" className="details-link" onClick={() => void goTo(image, hiddenBy.entry)}>
              {hiddenBy.path}
            </button>
          </Fact>
        )}
      </Facts>
      {below.length > 0 && (
        <ul className="details-list" aria-label="What lies below">
          {below.map((entry) => (
            <li key={`${entry.layer} ${entry.row}`}>
              <span className="dim">{words[entry.how]}</span> <LayerBadge number={entry.layer} />{' '}
              {entry.how === 'hidden' ? (
                <button
                  type="button"
                  className="details-link"
                  title="Show it in the tree"
                  onClick={() => void goToHidden(image, entry.layer, entry.row)}
                >
                  {entry.path}
                </button>
              ) : (
                <span className="details-break">{entry.path}</span>
              )}{' '}
              <span className="dim">
                {entry.kind}
                {entry.size !== undefined && `, ${formatBytes(entry.size)}`}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
