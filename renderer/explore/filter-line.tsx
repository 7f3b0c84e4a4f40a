import { Autocomplete } from '@base-ui/react/autocomplete';
import { Search, X } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Completion, ImageId, ViewState } from '../../shared/contract/values.ts';
import { engine } from '../engine/engine.ts';
import { formatCount } from '../parts/format.ts';
import { FilterHelp } from './filter-help.tsx';
import { setFilter } from './tree-actions.ts';

const DEBOUNCE_MS = 120;
/** Where the text starts in the box, and the width of a letter: the message stands under the word that is wrong. */
const TEXT_LEFT_PX = 18;
const CHARACTER_PX = 7.2;

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

export interface FilterLineProps {
  readonly image: ImageId;
  /** Number of entries in the image. */
  readonly entries: number;
  readonly state: ViewState;
  readonly onDone: () => void;
}

/** One line with a small language: completion while one types, a plain word under what is wrong. */
export function FilterLine({ image, entries, state, onDone }: FilterLineProps) {
  // what was typed and not answered yet; else the filter is what the view says it is, whoever changed it
  const [draft, setDraft] = useState<string | undefined>(undefined);
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const [isOpen, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(0);
  const timer = useRef<number | undefined>(undefined);
  const text = draft ?? state.filter;

  const apply = async (filter: string): Promise<void> => {
    window.clearTimeout(timer.current);
    await setFilter(image, filter);
    setDraft((now) => (now === filter ? undefined : now));
  };
  const suggest = async (filter: string): Promise<void> => {
    const mine = ++asked.current;
    const cursor = input.current?.selectionStart ?? filter.length;
    const reply = await engine.call('completeFilter', { image, filter, cursor: Math.min(cursor, filter.length) });
    if (mine === asked.current) setSuggestions(reply.ok ? reply.value.map(suggestionOf(filter)) : []);
  };
  const change = (value: string): void => {
    setDraft(value);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => void apply(value), DEBOUNCE_MS);
    void suggest(value);
  };
  // a fault of an older text would point at the wrong word
  const fault = draft === undefined ? state.fault : undefined;
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
                  void apply(text).then(onDone);
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
          <Count entries={entries} state={state} />
          <FilterHelp onPick={(example) => change(text.trim() === '' ? example : `${text.trimEnd()} ${example}`)} />
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
        <div
          id="filter-fault"
          className="filter-fault bad"
          role="alert"
          style={{ left: `min(${TEXT_LEFT_PX + fault.from * CHARACTER_PX}px, 45%)` }}
        >
          {fault.message}
        </div>
      )}
    </div>
  );
}

function Count({ entries, state }: Pick<FilterLineProps, 'entries' | 'state'>) {
  // with what a stack hides there are more
  const all = state.showsHidden ? undefined : entries;
  return (
    <span className="filter-count dim" role="status">
      {state.filter === '' ? (
        `${formatCount(all ?? state.matches)} entries`
      ) : state.fault ? (
        'not applied'
      ) : (
        <>
          <span>
            {formatCount(state.matches)} match{state.matches === 1 ? '' : 'es'}
          </span>{' '}
          {all !== undefined && `of ${formatCount(all)}`}
        </>
      )}
    </span>
  );
}
