import { useMemo } from 'react';
import type { AppCommand } from '../../shared/contract/app-calls.ts';
import { engine } from '../engine/engine.ts';
import { focusTree } from '../explore/explore-view.tsx';
import type { Command } from '../palette/command.ts';
import { choose, chosenImage, goToDifference } from '../state/compare.ts';
import { copySelected, goToProblem } from '../state/navigate.ts';
import { attachByDialog, closeImage, openByDialog } from '../state/open.ts';
import { chooseForMount } from '../state/mounts.ts';
import { usePublish } from '../state/publish-store.ts';
import { changeSettings, showDetailsTab, useSettings } from '../state/settings.ts';
import { setHidden } from '../state/stacks.ts';
import { startVerify } from '../state/verify.ts';
import { useViews } from '../state/views.ts';
import { notify, useWorkspace } from '../state/workspace.ts';

/** Dialogs that lie over the window, one at a time. */
export type Overlay = 'palette' | 'go-to-path' | 'open-path' | 'about' | 'keys' | undefined;

const toggle = (name: string, initial: boolean): void => {
  const { ui } = useSettings.getState();
  const shown = ui[name];
  changeSettings({ ui: { ...ui, [name]: !(typeof shown === 'boolean' ? shown : initial) } });
};

const onImage = (run: (image: number) => void): void => {
  const { selected } = useWorkspace.getState();
  if (selected === undefined) notify('info', 'Open an image first.');
  else run(selected);
};

const toggleHidden = (image: number): void => {
  const isStack = useWorkspace.getState().images.some((info) => info.image === image && info.kind === 'stack');
  const view = useViews.getState().views.get(image);
  if (!isStack || view === undefined) notify('info', 'Only a stack of layers hides entries.');
  else void setHidden(image, !view.state.showsHidden);
};

/** F7 and F8: problems, or differences where these are looked at. */
const goToStep = (direction: 'next' | 'previous'): void => {
  if (useWorkspace.getState().activity === 'compare') void goToDifference(direction);
  else onImage((image) => void goToProblem(image, direction));
};

/** Everything that can be done from the menu, the palette and the keyboard, in one list. */
export function useCommands(show: (overlay: Overlay) => void): readonly Command[] {
  return useMemo(
    () => [
      { id: 'open-file', title: 'Open an image…', shortcut: 'Ctrl+O', run: () => void openByDialog('file') },
      {
        id: 'open-folder',
        title: 'Open a store or folder…',
        shortcut: 'Ctrl+Shift+O',
        run: () => void openByDialog('folder'),
      },
      { id: 'attach-store', title: 'Attach a store…', run: () => void attachByDialog() },
      { id: 'open-path', title: 'Open a path…', run: () => show('open-path') },
      {
        id: 'go-to-path',
        title: 'Go to path in the image…',
        shortcut: 'Ctrl+P',
        run: () => onImage(() => show('go-to-path')),
      },
      { id: 'command-palette', title: 'Show all commands', shortcut: 'Ctrl+Shift+P', run: () => show('palette') },
      {
        id: 'focus-filter',
        title: 'Filter the tree',
        shortcut: '/',
        run: () => document.querySelector<HTMLInputElement>('#filter')?.focus(),
      },
      { id: 'focus-tree', title: 'Go to the tree', run: focusTree },
      {
        id: 'next-problem',
        title: 'Next problem',
        shortcut: 'F8',
        run: () => goToStep('next'),
      },
      {
        id: 'previous-problem',
        title: 'Previous problem',
        shortcut: 'F7',
        run: () => goToStep('previous'),
      },
      {
        id: 'toggle-sources',
        title: 'Show or hide the sources',
        shortcut: 'Ctrl+B',
        run: () => toggle('sources', true),
      },
      {
        id: 'toggle-details',
        title: 'Show or hide the details',
        shortcut: 'Ctrl+I',
        run: () => toggle('details', true),
      },
      {
        id: 'toggle-treemap',
        title: 'Show or hide the treemap',
        shortcut: 'Ctrl+T',
        run: () => toggle('treemap', false),
      },
      { id: 'details-attributes', title: 'Details: attributes', run: () => showDetailsTab('attributes') },
      { id: 'details-content', title: 'Details: content', run: () => showDetailsTab('content') },
      { id: 'details-inode', title: 'Details: raw inode', run: () => showDetailsTab('inode') },
      { id: 'details-where-used', title: 'Details: where used', run: () => showDetailsTab('where-used') },
      { id: 'details-image', title: 'Details: the image as a whole', run: () => showDetailsTab('image') },
      {
        id: 'copy-path',
        title: 'Copy paths',
        shortcut: 'Ctrl+C',
        run: () => onImage((image) => void copySelected(image, 'path')),
      },
      { id: 'copy-digest', title: 'Copy digests', run: () => onImage((image) => void copySelected(image, 'digest')) },
      { id: 'copy-json', title: 'Copy as JSON', run: () => onImage((image) => void copySelected(image, 'json')) },
      {
        id: 'verify',
        title: 'Verify every object',
        shortcut: 'Ctrl+Enter',
        run: () => void startVerify(),
      },
      {
        id: 'verify-full',
        title: 'Verify every object, reading also what is sealed or was right before',
        run: () => void startVerify({ full: true }),
      },
      {
        id: 'view-explore',
        title: 'Explore',
        shortcut: 'Ctrl+1',
        run: () => useWorkspace.setState({ activity: 'explore' }),
      },
      {
        id: 'view-verify',
        title: 'Verify: the list of problems',
        shortcut: 'Ctrl+2',
        run: () => useWorkspace.setState({ activity: 'verify' }),
      },
      {
        id: 'view-layers',
        title: 'Layers: stack them, see what a mount shows',
        shortcut: 'Ctrl+3',
        run: () => useWorkspace.setState({ activity: 'layers' }),
      },
      {
        id: 'toggle-hidden',
        title: 'Show or leave out what layers hide',
        shortcut: 'Ctrl+H',
        run: () => onImage(toggleHidden),
      },
      {
        id: 'view-compare',
        title: 'Compare: what differs between two',
        shortcut: 'Ctrl+4',
        run: () => useWorkspace.setState({ activity: 'compare' }),
      },
      {
        id: 'compare-image-a',
        title: 'Compare: this image as A',
        run: () => onImage((image) => void choose({ a: chosenImage(image) })),
      },
      {
        id: 'compare-image-b',
        title: 'Compare: this image as B',
        run: () => onImage((image) => void choose({ b: chosenImage(image) })),
      },
      {
        id: 'view-mounts',
        title: 'Mounts: those of the system, and a new one',
        shortcut: 'Ctrl+5',
        run: () => useWorkspace.setState({ activity: 'mounts' }),
      },
      {
        id: 'view-create',
        title: 'Create: make an image of a folder, a tar, a container image or layers',
        shortcut: 'Ctrl+6',
        run: () => useWorkspace.setState({ activity: 'create' }),
      },
      {
        id: 'view-publish',
        title: 'Publish: write images and their objects into a folder to be served, or check one',
        run: () => {
          useWorkspace.setState({ activity: 'create' });
          usePublish.setState({ tab: 'publish' });
        },
      },
      { id: 'mount-image', title: 'Mount the image…', run: () => onImage(chooseForMount) },
      {
        id: 'recheck',
        title: 'Look again at every object',
        shortcut: 'F5',
        run: () => void engine.call('recheck', {}),
      },
      {
        id: 'close-image',
        title: 'Close the image',
        shortcut: 'Ctrl+W',
        run: () => onImage((image) => void closeImage(image)),
      },
      { id: 'theme-system', title: 'Theme: as the system', run: () => changeSettings({ theme: 'system' }) },
      { id: 'theme-light', title: 'Theme: light', run: () => changeSettings({ theme: 'light' }) },
      { id: 'theme-dark', title: 'Theme: dark', run: () => changeSettings({ theme: 'dark' }) },
      { id: 'keys', title: 'Keyboard', shortcut: '?', run: () => show('keys') },
      { id: 'about', title: 'About Composcope', run: () => show('about') },
    ],
    [show],
  );
}

/** The command of a key that is pressed anywhere in the window, as an `AppCommand` or one of ours. */
export function commandOfKey(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>,
  isTyping: boolean,
): AppCommand | 'keys' | undefined {
  const command = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (event.altKey) return undefined;
  if (command) {
    if (key === 'p') return event.shiftKey ? 'command-palette' : 'go-to-path';
    if (key === 'o') return event.shiftKey ? 'open-folder' : 'open-file';
    if (key === 'b') return 'toggle-sources';
    if (key === 'i' && !event.shiftKey) return 'toggle-details';
    if (key === 't') return 'toggle-treemap';
    if (key === 'w') return 'close-image';
    if (key === 'enter') return 'verify';
    if (key === '1') return 'view-explore';
    if (key === '2') return 'view-verify';
    if (key === '3') return 'view-layers';
    if (key === 'h') return 'toggle-hidden';
    if (key === '4') return 'view-compare';
    if (key === '5') return 'view-mounts';
    if (key === '6') return 'view-create';
    return undefined;
  }
  if (key === 'f7') return 'previous-problem';
  if (key === 'f8') return 'next-problem';
  if (key === 'f5') return 'recheck';
  if (isTyping) return undefined;
  if (key === '/') return 'focus-filter';
  return key === '?' ? 'keys' : undefined;
}
