import { Menu } from '@base-ui/react/menu';
import { Columns3 } from 'lucide-react';
import { changeSettings, useSettings } from '../state/settings.ts';
import { firstColumns, toggleColumn } from './column-layout.ts';
import { columnIds, columnTitle } from './columns.tsx';

export interface ColumnMenuProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Which columns show. */
export function ColumnMenu({ open, onOpenChange }: ColumnMenuProps) {
  const columns = useSettings((settings) => settings.columns);
  return (
    <Menu.Root open={open} onOpenChange={onOpenChange}>
      <Menu.Trigger className="icon-button tree-columns" aria-label="Choose columns" title="Choose columns">
        <Columns3 size={14} aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={4} className="popup-positioner">
          <Menu.Popup className="popup">
            {columnIds.map((id) => (
              <Menu.CheckboxItem
                key={id}
                className="popup-item"
                checked={!columns.hidden.includes(id)}
                disabled={id === 'name'}
                closeOnClick={false}
                onCheckedChange={() => changeSettings({ columns: toggleColumn(columns, id) })}
              >
                <span className="tree-check" aria-hidden="true">
                  {columns.hidden.includes(id) ? '' : '✓'}
                </span>
                {columnTitle(id)}
              </Menu.CheckboxItem>
            ))}
            <Menu.Separator className="popup-separator" />
            <Menu.Item className="popup-item" onClick={() => changeSettings({ columns: firstColumns })}>
              <span className="tree-check" aria-hidden="true" />
              As at first
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
