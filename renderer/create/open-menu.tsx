import { Menu } from '@base-ui/react/menu';
import type { ImageInfo } from '../../shared/contract/values.ts';
import { useStacks } from '../state/stack-store.ts';
import { useWorkspace } from '../state/workspace.ts';

interface OpenMenuProps {
  /** Images that can be taken. */
  readonly takes: (image: ImageInfo) => boolean;
  readonly onImages: (paths: readonly string[]) => void;
  /** Whether all of them can be taken at once. */
  readonly hasAll?: boolean;
  /** What a stack is called. */
  readonly stack: string;
  /** @param paths of its layers, the lowest first */
  readonly onStack: (paths: readonly string[]) => void;
}

/** Images and stacks that are open; a stack with layers that are off is not what lies at their paths. */
export function OpenMenu({ takes, onImages, hasAll = false, stack: stackWords, onStack }: OpenMenuProps) {
  const files = useWorkspace((state) => state.images).filter(takes);
  const stacks = useStacks((state) => state.stacks);
  const whole = stacks.filter(({ layers }) => layers.length > 0 && layers.every(({ isOn }) => isOn));
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={files.length + whole.length === 0}>
        What is open
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={4} align="start">
          <Menu.Popup className="popup">
            {hasAll && files.length > 1 && (
              <Menu.Item className="popup-item" onClick={() => onImages(files.map(({ path }) => path))}>
                All images <span className="popup-hint">{files.length}</span>
              </Menu.Item>
            )}
            {files.map(({ image, name, title, path }) => (
              <Menu.Item key={image} className="popup-item" onClick={() => onImages([path])}>
                {name} <span className="popup-hint">{title}</span>
              </Menu.Item>
            ))}
            {whole.map(({ stack, layers }) => (
              <Menu.Item
                key={`stack-${stack}`}
                className="popup-item"
                onClick={() => onStack(layers.map(({ path }) => path))}
              >
                {stackWords} <span className="popup-hint">{layers.length} layers</span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
