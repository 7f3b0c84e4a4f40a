import { useEffect, useState } from 'react';
import type { Command } from '../palette/command.ts';
import { openPaths } from '../state/open.ts';
import { addLayers } from '../state/stacks.ts';
import { useWorkspace } from '../state/workspace.ts';
import { commandOfKey } from './commands.ts';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'));

/** Keys, menu items and pasted paths that mean a command, wherever in the window they come from. */
export function useWindowKeys(commands: readonly Command[]): void {
  useEffect(() => {
    const run = (id: string): boolean => {
      const command = commands.find((other) => other.id === id);
      command?.run();
      return command !== undefined;
    };
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented) return;
      const id = commandOfKey(event, isTyping(event.target));
      if (id && run(id)) event.preventDefault();
    };
    const onPaste = (event: ClipboardEvent): void => {
      if (isTyping(event.target)) return;
      const paths = (event.clipboardData?.getData('text') ?? '')
        .split('\n')
        .map(pathOfText)
        .filter((path) => path !== undefined);
      if (paths.length > 0) void openPaths(paths);
    };
    const stopCommands = window.composcope.onCommand((id) => void run(id));
    window.addEventListener('keydown', onKey);
    window.addEventListener('paste', onPaste);
    return () => {
      stopCommands();
      window.removeEventListener('keydown', onKey);
      window.removeEventListener('paste', onPaste);
    };
  }, [commands]);
}

/** An absolute path, or a file: address as file managers copy it; undefined for any other text. */
export function pathOfText(text: string): string | undefined {
  const line = text.trim().replace(/^(['"])(.*)\1$/, '$2');
  if (line.startsWith('file://')) {
    try {
      return decodeURIComponent(new URL(line).pathname);
    } catch {
      return undefined; // not an address after all: any text may be pasted
    }
  }
  return line.startsWith('/') || /^[A-Za-z]:[\\/]/.test(line) ? line : undefined;
}

/** Opens what is dropped anywhere in the window. @returns whether something is held over it */
export function useFileDrop(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
      setOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      setOver(false);
      if (event.defaultPrevented) return; // the view took it
      event.preventDefault();
      const paths = [...(event.dataTransfer?.files ?? [])]
        .map((file) => window.composcope.pathForFile(file))
        .filter((path) => path !== '');
      // where layers are looked at, what is dropped is to be one
      void (useWorkspace.getState().activity === 'layers' ? addLayers(paths) : openPaths(paths));
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, []);
  return isOver;
}
