import { Popover } from '@base-ui/react/popover';
import { CircleHelp } from 'lucide-react';
import { layerNumbers } from './layer-numbers.ts';

const keys: readonly (readonly [string, string])[] = [
  ['↑ ↓', 'Go from layer to layer'],
  ['Alt+↑ ↓', 'Move the layer up, down'],
  ['Space', 'Switch it on or off'],
  ['Enter', 'Show its entries in the tree'],
  ['Delete', 'Take it out of the stack'],
];

/** What the numbers mean, and the keys of the list. */
export function LayerHelp() {
  return (
    <Popover.Root>
      <Popover.Trigger className="icon-button" aria-label="What the numbers mean" title="What the numbers mean">
        <CircleHelp size={14} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="popup-positioner" align="end" sideOffset={6}>
          <Popover.Popup className="popup layers-help">
            <Popover.Title className="layers-help-title">What the numbers mean</Popover.Title>
            <dl>
              {layerNumbers.map(({ id, title, definition }) => (
                <div key={id}>
                  <dt>{title}</dt>
                  <dd>{definition}</dd>
                </div>
              ))}
            </dl>
            <h3 className="layers-help-title">Keys in the list</h3>
            <dl>
              {keys.map(([key, meaning]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{meaning}</dd>
                </div>
              ))}
            </dl>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
