import { Autocomplete } from '@base-ui/react/autocomplete';
import type { ReactNode } from 'react';

export interface PickerProps<T> {
  readonly label: string;
  readonly placeholder: string;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly draw: (item: T) => ReactNode;
  readonly onPick: (item: T) => void;
  /** Said where there is nothing to pick. */
  readonly empty: string;
}

/** A text field and the list that answers it: arrows choose, Enter picks. */
export function Picker<T>({ label, placeholder, text, onText, items, keyOf, draw, onPick, empty }: PickerProps<T>) {
  return (
    <Autocomplete.Root
      inline
      open
      items={items}
      mode="none"
      autoHighlight="always"
      keepHighlight
      value={text}
      itemToStringValue={(item: T) => keyOf(item)}
      onValueChange={(value, { reason }) => reason !== 'item-press' && onText(value)}
    >
      <Autocomplete.Input
        className="input palette-input"
        placeholder={placeholder}
        aria-label={label}
        spellCheck={false}
        autoComplete="off"
      />
      {items.length === 0 && <p className="dim palette-empty">{empty}</p>}
      <Autocomplete.List className="palette-list">
        {(item: T) => (
          <Autocomplete.Item key={keyOf(item)} value={item} className="popup-item" onClick={() => onPick(item)}>
            {draw(item)}
          </Autocomplete.Item>
        )}
      </Autocomplete.List>
    </Autocomplete.Root>
  );
}
