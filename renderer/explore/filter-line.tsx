import { Autocomplete } from '@base-ui/react/autocomplete';
import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Completion, ImageId, ViewState } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { formatCount } from '../parts/format.ts';
import { setFilter } from './tree-actions.ts';

const DEBOUNCE_MS = 120;

interface Suggestion {
  /** The whole text with the completion in its place. */
  readonly value: string;
  readonly text: string;
  readonly hint: string;
}

const suggestionOf =
  (filter: string) =>
  ({ text, from, to, hint }: Completion): Suggestion => ({
    value: filter.slice(0, from) + text + filter.slice(to),
    text,
    hint,
  });

/** One line with a small language: completion while one types, a plain word under what is wrong. */
export function FilterLine({
  image,
  state,
  onDone,
}: {
  readonly image: ImageId;
  readonly state: ViewState;
  readonly onDone: () => void;
}) {
  const [text, setText] = useState(state.filter);
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const [isOpen, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(0);
  useEffect(() => {
    if (text === state.filter) return undefined;
    const timer = window.setTimeout(() => void setFilter(image, text), DEBOUNCE_MS);
    return () => window.clearTimeout(timer);
  }, [image, text, state.filter]);

  const suggest = async (filter: string): Promise<void> => {
    const mine = ++asked.current;
    const cursor = input.current?.selectionStart ?? filter.length;
    const reply = await engine.call('completeFilter', { image, filter, cursor: Math.min(cursor, filter.length) });
    if (mine === asked.current) setSuggestions(reply.ok ? reply.value.map(suggestionOf(filter)) : []);
  };
  const change = (value: string): void => {
    setText(value);
    void suggest(value);
  };
  // a fault of an older text would point at the wrong word
  const fault = text === state.filter ? state.fault : undefined;
  return (
    <div className="filter">
      <Autocomplete.Root
        items={suggestions}
        mode="none"
        value={text}
        open={isOpen && text !== '' && suggestions.length > 0}
        onOpenChange={setOpen}
        onValueChange={change}
        itemToStringValue={(item: Suggestion) => item.value}
      >
        <div className="filter-box">
          <Search size={13} aria-hidden className="dim" />
          <div className="filter-field">
            {fault && (
              <div className="filter-echo" aria-hidden="true">
                {text.slice(0, fault.from)}
                <span className="filter-wrong">
                  {text.slice(fault.from, Math.max(fault.to, fault.from + 1)) || ' '}
                </span>
              </div>
            )}
            <Autocomplete.Input
              ref={input}
              id="filter"
              className="filter-input"
              placeholder="Filter: libssl  size:>1M  verity:missing  name:*.so"
              aria-label="Filter"
              spellCheck={false}
              autoComplete="off"
              aria-invalid={fault !== undefined}
              {...(fault ? { 'aria-describedby': 'filter-fault' } : {})}
              onFocus={() => void suggest(text)}
              onKeyDown={(event) => {
                if (event.key === 'Escape' && !(isOpen && suggestions.length > 0)) {
                  if (text === '') onDone();
                  else change('');
                } else if (event.key === 'Enter' && !event.currentTarget.getAttribute('aria-activedescendant')) {
                  void setFilter(image, text).then(onDone);
                }
              }}
            />
          </div>
          {text !== '' && (
            <button
              type="button"
              className="icon-button"
              aria-label="Clear the filter"
              title="Clear (Esc)"
              onClick={() => change('')}
            >
              <X size={13} aria-hidden />
            </button>
          )}
          <span className="filter-count dim" role="status">
            {state.filter === ''
              ? `${formatCount(state.matches)} entries`
              : `${formatCount(state.matches)} match${state.matches === 1 ? '' : 'es'}`}
          </span>
        </div>
        <Autocomplete.Portal>
          <Autocomplete.Positioner className="popup-positioner" align="start" sideOffset={4}>
            <Autocomplete.Popup className="popup filter-popup">
              <Autocomplete.List>
                {(item: Suggestion) => (
                  <Autocomplete.Item key={item.value} value={item} className="popup-item">
                    <code>{item.text}</code>
                    <span className="popup-hint">{item.hint}</span>
                  </Autocomplete.Item>
                )}
              </Autocomplete.List>
            </Autocomplete.Popup>
          </Autocomplete.Positioner>
        </Autocomplete.Portal>
      </Autocomplete.Root>
      {fault && (
        <div id="filter-fault" className="filter-fault bad" role="alert">
          {fault.message}
        </div>
      )}
    </div>
  );
}
