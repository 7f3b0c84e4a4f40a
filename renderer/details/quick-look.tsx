import { Dialog } from '@base-ui/react/dialog';
import type { ImageId } from '../../shared/contract/values.ts';
import { useCall } from '../engine/use-call.ts';
import { ContentTab } from './content-tab.tsx';

export interface QuickLookProps {
  readonly image: ImageId;
  readonly entry: number;
  readonly onClose: () => void;
}

/** The content of the entry in focus, large; Space or Esc closes it. */
export function QuickLook({ image, entry, onClose }: QuickLookProps) {
  const asked = useCall('details', { image, entry });
  const details = asked.value;
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="dialog-backdrop" />
        <Dialog.Popup
          className="popup dialog details-quick-look"
          onKeyDown={(event) => {
            if (
              event.key !== ' ' ||
              event.target instanceof HTMLButtonElement ||
              event.target instanceof HTMLInputElement
            )
              return;
            event.preventDefault();
            onClose();
          }}
        >
          <Dialog.Title className="ellipsis">{details?.path ?? ''}</Dialog.Title>
          {details && <ContentTab details={details} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
