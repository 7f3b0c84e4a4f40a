/** What a key does in the tree table, as in any tree (WAI-ARIA treegrid). */
export type TreeAction =
  | { readonly kind: 'move'; readonly by: number }
  | { readonly kind: 'page'; readonly direction: 1 | -1 }
  | { readonly kind: 'edge'; readonly end: boolean }
  | {
      readonly kind:
        | 'expand'
        | 'collapse'
        | 'expand-siblings'
        | 'details'
        | 'quick-look'
        | 'select-all'
        | 'toggle-selected'
        | 'copy';
    }
  | { readonly kind: 'type-ahead'; readonly letter: string };

export interface Key {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The action of a key, or undefined where the tree has none for it. Shift is left to the caller: it extends. */
export function treeAction({ key, ctrlKey, metaKey, altKey }: Key): TreeAction | undefined {
  const command = ctrlKey || metaKey;
  if (altKey) return undefined;
  if (command) {
    if (key === 'a' || key === 'A') return { kind: 'select-all' };
    if (key === 'c' || key === 'C') return { kind: 'copy' };
    if (key === ' ') return { kind: 'toggle-selected' };
    if (key === 'Home' || key === 'End') return { kind: 'edge', end: key === 'End' };
    return undefined;
  }
  switch (key) {
    case 'ArrowDown':
      return { kind: 'move', by: 1 };
    case 'ArrowUp':
      return { kind: 'move', by: -1 };
    case 'PageDown':
      return { kind: 'page', direction: 1 };
    case 'PageUp':
      return { kind: 'page', direction: -1 };
    case 'Home':
    case 'End':
      return { kind: 'edge', end: key === 'End' };
    case 'ArrowRight':
      return { kind: 'expand' };
    case 'ArrowLeft':
      return { kind: 'collapse' };
    case '*':
      return { kind: 'expand-siblings' };
    case 'Enter':
      return { kind: 'details' };
    case ' ':
      return { kind: 'quick-look' };
    default:
      // `/` focuses the filter and `?` shows the keys: those belong to the window
      return key.length === 1 && key !== '/' && key !== '?' ? { kind: 'type-ahead', letter: key } : undefined;
  }
}
