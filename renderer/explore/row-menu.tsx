import { ContextMenu } from '@base-ui/react/context-menu';
import type { ReactElement } from 'react';
import type { EntryRow, ImageId } from '../../shared/contract/values.ts';
import { copySelected, saveContent } from '../state/navigate.ts';
import type { ImageView } from '../state/views.ts';
import { showDetailsTab, useChoice } from '../state/settings.ts';
import { setExpanded } from './tree-actions.ts';

export interface RowMenuProps {
  readonly image: ImageId;
  readonly view: ImageView;
  /** The focused row, where it is loaded. */
  readonly row: EntryRow | undefined;
  readonly onQuickLook: () => void;
  readonly children: ReactElement;
}

/** The menu of the selected rows: right click, or the menu key. */
export function RowMenu({ image, view, row, onQuickLook, children }: RowMenuProps) {
  const many = view.selected.size > 1;
  const [, setDetails] = useChoice('details', true);
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger className="tree-frame">{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Positioner className="popup-positioner">
          <ContextMenu.Popup className="popup">
            {item(
              many ? `Copy ${view.selected.size} paths` : 'Copy path',
              () => void copySelected(image, 'path'),
              'Ctrl+C',
            )}
            {item('Copy digest', () => void copySelected(image, 'digest'), '', !many && row?.digest === undefined)}
            {item(
              'Copy redirect',
              () => void copySelected(image, 'redirect'),
              '',
              !many && row?.redirect === undefined,
            )}
            {item(many ? 'Copy rows' : 'Copy row', () => void copySelected(image, 'row'))}
            {item('Copy as JSON', () => void copySelected(image, 'json'))}
            <ContextMenu.Separator className="popup-separator" />
            {item('Quick look', onQuickLook, 'Space', row?.kind !== 'file' && row?.kind !== 'symlink')}
            {item(
              'Save content as…',
              () => row && void saveContent(image, row.entry, row.name),
              '',
              row?.kind !== 'file',
            )}
            {item(
              'Where used',
              () => {
                setDetails(true);
                showDetailsTab('where-used');
              },
              '',
              row?.redirect === undefined,
            )}
            <ContextMenu.Separator className="popup-separator" />
            {item(
              'Expand all below',
              () => row && void setExpanded(image, row.entry, true, true),
              '',
              row?.kind !== 'directory',
            )}
            {item(
              'Collapse all below',
              () => row && void setExpanded(image, row.entry, false, true),
              '',
              row?.kind !== 'directory',
            )}
          </ContextMenu.Popup>
        </ContextMenu.Positioner>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

const item = (label: string, run: () => void, hint = '', disabled = false) => (
  <ContextMenu.Item className="popup-item" onClick={run} disabled={disabled}>
    {label}
    {hint !== '' && <span className="popup-hint">{hint}</span>}
  </ContextMenu.Item>
);
