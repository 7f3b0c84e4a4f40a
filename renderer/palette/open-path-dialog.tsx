import { useState } from 'react';
import { Modal } from './modal.tsx';

export interface OpenPathDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onOpen: (path: string) => void;
}

/** Opens a path on disk that is typed or pasted. */
export function OpenPathDialog({ open, onClose, onOpen }: OpenPathDialogProps) {
  const [path, setPath] = useState('');
  return (
    <Modal open={open} onClose={onClose} title="Open a path">
      <form
        className="palette-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (path.trim() === '') return;
          onClose();
          onOpen(path.trim());
          setPath('');
        }}
      >
        <input
          type="text"
          className="mono"
          aria-label="Path of an image, a store or a folder"
          placeholder="/path/to/image.cfs"
          spellCheck={false}
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <button type="submit" className="button button-primary">
          Open
        </button>
      </form>
    </Modal>
  );
}
