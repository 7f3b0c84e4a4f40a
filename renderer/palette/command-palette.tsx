import { useState, type ReactNode } from 'react';
import { rankCommands, type Command } from './command.ts';
import { Modal } from './modal.tsx';
import { Picker } from './picker.tsx';

export interface CommandPaletteProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly commands: readonly Command[];
}

/** All commands by name. */
export function CommandPalette({ open, onClose, commands }: CommandPaletteProps) {
  return (
    <Modal open={open} onClose={onClose} title="Commands" hideTitle>
      <Commands onClose={onClose} commands={commands} />
    </Modal>
  );
}

function Commands({ onClose, commands }: Pick<CommandPaletteProps, 'onClose' | 'commands'>) {
  const [text, setText] = useState('');
  return (
    <Picker
      label="Command"
      placeholder="What do you want to do?"
      text={text}
      onText={setText}
      items={rankCommands(commands, text)}
      keyOf={({ id }) => id}
      draw={drawCommand}
      onPick={({ run }) => {
        onClose();
        // after the focus went back: a command may move it
        requestAnimationFrame(run);
      }}
      empty="No command has that name."
    />
  );
}

const drawCommand = ({ title, shortcut }: Command): ReactNode => (
  <>
    {title}
    {shortcut !== undefined && <span className="popup-hint">{shortcut}</span>}
  </>
);
