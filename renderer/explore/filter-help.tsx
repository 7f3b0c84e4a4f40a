import { Popover } from '@base-ui/react/popover';
import { CircleHelp } from 'lucide-react';
import { filterFields } from '../../shared/tree/filter/fields.ts';

/** What holds terms together, with a word for each. */
const grammar: readonly (readonly [string, string])[] = [
  ['libssl', 'a part of the name, any case'],
  ['"two words"', 'with spaces'],
  ['type:file size:>1M', 'both'],
  ['name:*.so|*.a', 'one or the other'],
  ['name:*.so OR size:0', 'one or the other'],
  ['-type:dir', 'not'],
];

export interface FilterHelpProps {
  /** Adds an example to the filter. */
  readonly onPick: (example: string) => void;
}

/** The filter's language on one page; an example that is clicked is taken. */
export function FilterHelp({ onPick }: FilterHelpProps) {
  const item = (example: string, meaning: string) => (
    <li key={example}>
      <Popover.Close className="filter-example" onClick={() => onPick(example)}>
        <code>{example}</code> <span className="dim">{meaning}</span>
      </Popover.Close>
    </li>
  );
  return (
    <Popover.Root>
      <Popover.Trigger className="icon-button" aria-label="What a filter can say" title="What a filter can say">
        <CircleHelp size={14} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner className="popup-positioner" align="end" sideOffset={6}>
          <Popover.Popup className="popup filter-help">
            <Popover.Title className="filter-help-title">What a filter can say</Popover.Title>
            <ul>{grammar.map(([example, meaning]) => item(example, meaning))}</ul>
            <ul>{filterFields.map(({ example, hint }) => item(example, hint))}</ul>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
