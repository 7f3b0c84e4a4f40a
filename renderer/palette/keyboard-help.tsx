import type { Command } from './command.ts';
import { Modal } from './modal.tsx';

const treeKeys: readonly (readonly [string, string])[] = [
  ['↑ ↓', 'Previous, next row (with Shift: select)'],
  ['→', 'Expand, or go to the first child'],
  ['←', 'Collapse, or go to the parent'],
  ['Home, End, PgUp, PgDn', 'First, last row, a page up, down'],
  ['*', 'Expand all folders beside the row'],
  ['letters', 'Go to the next name that starts so'],
  ['Enter', 'Details'],
  ['Space', 'Quick look'],
  ['Ctrl+A', 'Select all rows'],
  ['Ctrl+Space', 'Add the row to the selection'],
  ['Ctrl+V', 'Open a copied path'],
  ['Alt+← →, Shift+← →', 'On a column’s head: move it, resize it'],
];

const layerKeys: readonly (readonly [string, string])[] = [
  ['Alt+↑ ↓', 'Move the layer up, down'],
  ['Space', 'Switch it on or off'],
  ['Enter', 'Show its entries in the tree'],
  ['Delete', 'Take it out of the stack'],
];

export interface KeyboardHelpProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly commands: readonly Command[];
}

/** Every key, in one table. */
export function KeyboardHelp({ open, onClose, commands }: KeyboardHelpProps) {
  const keys = commands.flatMap(({ title, shortcut }) => (shortcut === undefined ? [] : [[shortcut, title] as const]));
  return (
    <Modal open={open} onClose={onClose} title="Keyboard">
      <div className="palette-keys" tabIndex={0} role="region" aria-label="All keys">
        <Keys caption="In the window" keys={keys} />
        <Keys caption="In the tree" keys={treeKeys} />
        <Keys caption="In the list of layers" keys={layerKeys} />
      </div>
    </Modal>
  );
}

function Keys({ caption, keys }: { readonly caption: string; readonly keys: readonly (readonly [string, string])[] }) {
  return (
    <table>
      <caption>{caption}</caption>
      <tbody>
        {keys.map(([key, meaning]) => (
          <tr key={meaning}>
            <th scope="row">
              <kbd>{key}</kbd>
            </th>
            <td>{meaning}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
