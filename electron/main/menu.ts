import type { MenuItemConstructorOptions } from 'electron';
import type { AppCommand } from '../../shared/contract/app-calls.ts';

/**
 * The application menu as data: what the page does, and the roles that Electron does itself. Keys that the page listens
 * for by itself (those that mean something only in the tree) stand in the menu without being taken by it.
 */
export function menuTemplate(send: (command: AppCommand) => void, isMac: boolean): MenuItemConstructorOptions[] {
  const item = (label: string, command: AppCommand, accelerator?: string): MenuItemConstructorOptions => ({
    label,
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => send(command),
  });
  const pageItem = (label: string, command: AppCommand, accelerator: string): MenuItemConstructorOptions => ({
    ...item(label, command, accelerator),
    registerAccelerator: false,
  });
  const separator: MenuItemConstructorOptions = { type: 'separator' };
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    {
      label: '&File',
      submenu: [
        item('&Open File…', 'open-file', 'CmdOrCtrl+O'),
        item('Open &Folder…', 'open-folder', 'CmdOrCtrl+Shift+O'),
        separator,
        item('&Verify Objects', 'verify', 'CmdOrCtrl+Enter'),
        item('&Look for Objects Again', 'recheck', 'F5'),
        item('&Close Image', 'close-image', 'CmdOrCtrl+W'),
        separator,
        isMac ? { role: 'close', accelerator: 'Cmd+Shift+W' } : { role: 'quit' },
      ],
    },
    { role: 'editMenu' },
    {
      label: '&Go',
      submenu: [
        item('Go to &Path…', 'go-to-path', 'CmdOrCtrl+P'),
        item('&Command Palette…', 'command-palette', 'CmdOrCtrl+Shift+P'),
        pageItem('&Filter', 'focus-filter', '/'),
        separator,
        item('&Next Problem', 'next-problem', 'F8'),
        item('P&revious Problem', 'previous-problem', 'F7'),
      ],
    },
    {
      label: '&View',
      submenu: [
        item('&Explore', 'view-explore', 'CmdOrCtrl+1'),
        item('&Verify', 'view-verify', 'CmdOrCtrl+2'),
        item('&Layers', 'view-layers', 'CmdOrCtrl+3'),
        item('&Compare', 'view-compare', 'CmdOrCtrl+4'),
        item('&Mounts', 'view-mounts', 'CmdOrCtrl+5'),
        item('C&reate', 'view-create', 'CmdOrCtrl+6'),
        separator,
        item('&Sources', 'toggle-sources', 'CmdOrCtrl+B'),
        item('&Details', 'toggle-details', 'CmdOrCtrl+I'),
        item('&Treemap', 'toggle-treemap', 'CmdOrCtrl+T'),
        item('What Layers &Hide', 'toggle-hidden', 'CmdOrCtrl+H'),
        separator,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        separator,
        { role: 'togglefullscreen' },
        { role: 'toggleDevTools' },
      ],
    },
    // Elsewhere than on macOS that role's menu has Close, and takes Ctrl+W from the image.
    isMac ? { role: 'windowMenu' } : { label: '&Window', submenu: [{ role: 'minimize' }, { role: 'zoom' }] },
    { role: 'help', submenu: [item('&About Composcope', 'about')] },
  ];
}
