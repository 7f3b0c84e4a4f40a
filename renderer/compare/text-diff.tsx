import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightSpecialChars, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';

export interface TextDiffProps {
  readonly a: string;
  readonly b: string;
  /** What each side is called by a screen reader. */
  readonly names: readonly [string, string];
  readonly inline: boolean;
}

/** A diff that takes longer falls back to a coarser one, so that the window goes on answering. */
const diffConfig = { scanLimit: 2000, timeout: 60 };
const collapseUnchanged = { margin: 3, minSize: 6 };

const theme = EditorView.theme({
  '&': { backgroundColor: 'var(--bg)', color: 'var(--text)', fontSize: '12px', height: '100%' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.45' },
  '.cm-gutters': { backgroundColor: 'var(--bg-side)', color: 'var(--text-dim)', border: 'none' },
  '.cm-content': { caretColor: 'var(--text)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': { background: 'var(--bg-selected) !important' },
  '.cm-specialChar': { color: 'var(--bad)' },
  '.cm-changedLine': { backgroundColor: 'var(--diff-changed) !important' },
  '.cm-deletedChunk, &.cm-merge-a .cm-changedLine': { backgroundColor: 'var(--diff-removed) !important' },
  '&.cm-merge-b .cm-changedLine, .cm-insertedLine': { backgroundColor: 'var(--diff-added) !important' },
  '.cm-changedText, .cm-deletedText, .cm-deletedLine del': {
    background: 'none !important',
    textDecoration: 'underline 2px !important',
  },
  '.cm-collapsedLines': {
    background: 'var(--bg-side)',
    color: 'var(--text-dim)',
    borderBlock: '1px solid var(--line)',
  },
  // the marks that are there by default lack in many fonts
  '.cm-collapsedLines:before, .cm-collapsedLines:after': { content: '"⋯"', marginInline: '7px' },
});

/** A character that would not be seen, by its escape: `\\r`, `\\u200b`. */
function showCode(code: number): HTMLElement {
  const element = document.createElement('span');
  element.className = 'cm-specialChar';
  element.textContent = code === 13 ? String.raw`\r` : String.raw`\u` + code.toString(16).padStart(4, '0');
  return element;
}

/** Only to be read: what a person can do is walk, select and copy. CR shows as a character, it may be the difference. */
const reading = (name: string): Extension => [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorState.lineSeparator.of('\n'),
  EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': name }),
  EditorView.lineWrapping,
  lineNumbers(),
  highlightSpecialChars({ render: showCode }),
  drawSelection(),
  keymap.of([]),
  theme,
];

/**
 * Two texts beside each other or as one, what differs marked. It lies in a shadow root, where CodeMirror's styles are
 * constructed sheets: the page's policy lets no style element in.
 */
export function TextDiff({ a, b, names, inline }: TextDiffProps) {
  const host = useRef<HTMLDivElement>(null);
  const [nameA, nameB] = names;
  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const parent = document.createElement('div');
    parent.style.height = '100%';
    parent.style.overflow = 'auto';
    root.append(parent);
    const view = inline
      ? new EditorView({
          doc: b,
          parent,
          root,
          extensions: [
            reading(`${nameA} and ${nameB}`),
            unifiedMergeView({ original: a, mergeControls: false, diffConfig, collapseUnchanged }),
          ],
        })
      : new MergeView({
          a: { doc: a, extensions: reading(nameA) },
          b: { doc: b, extensions: reading(nameB) },
          parent,
          root,
          diffConfig,
          collapseUnchanged,
        });
    return () => {
      view.destroy();
      parent.remove();
    };
  }, [a, b, nameA, nameB, inline]);
  return <div ref={host} className="compare-text" />;
}
