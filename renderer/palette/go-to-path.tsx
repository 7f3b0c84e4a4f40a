import { useState, type ReactNode } from 'react';
import type { ImageId } from '../../shared/contract/values.ts';
import { useCall } from '../engine/use-call.ts';
import { focusTree } from '../explore/explore-view.tsx';
import { goTo } from '../state/navigate.ts';
import { Modal } from './modal.tsx';
import { Picker } from './picker.tsx';

export interface GoToPathProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly image: ImageId;
}

/** Goes to a path inside the image; half of it is enough. */
export function GoToPath({ open, onClose, image }: GoToPathProps) {
  return (
    <Modal open={open} onClose={onClose} title="Go to path" hideTitle>
      <Paths onClose={onClose} image={image} />
    </Modal>
  );
}

function Paths({ onClose, image }: Pick<GoToPathProps, 'onClose' | 'image'>) {
  const [text, setText] = useState('/');
  const found = useCall('completePath', { image, path: text });
  return (
    <Picker
      label="Path in the image"
      placeholder="/usr/lib/… or a part of a path"
      text={text}
      onText={setText}
      items={found.value ?? []}
      keyOf={({ path }) => path}
      draw={drawPath}
      onPick={({ entry }) => {
        onClose();
        void goTo(image, entry).then(focusTree);
      }}
      empty={found.status === 'loading' ? '' : 'No path in this image holds that.'}
    />
  );
}

const drawPath = ({ path }: { readonly path: string }): ReactNode => <span className="mono ellipsis">{path}</span>;
