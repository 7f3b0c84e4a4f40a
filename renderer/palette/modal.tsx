import { Dialog } from '@base-ui/react/dialog';
import type { ReactNode } from 'react';
import './palette.css';

export interface ModalProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  /** The title is for screen readers alone. */
  readonly hideTitle?: boolean;
  readonly children: ReactNode;
}

/** A dialog over the window: Esc and a click beside it close it, and the focus goes back to where it was. */
export function Modal({ open, onClose, title, hideTitle = false, children }: ModalProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup className="popup dialog">
          <Dialog.Title className={hideTitle ? 'visually-hidden' : ''}>{title}</Dialog.Title>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
