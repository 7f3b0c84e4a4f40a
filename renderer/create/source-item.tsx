import { X } from 'lucide-react';
import type { ReactNode } from 'react';

export const nameOf = (path: string): string => path.split('/').findLast((part) => part !== '') ?? path;

interface SourceItemProps {
  readonly path: string;
  readonly onRemove: () => void;
  /** More buttons. */
  readonly children?: ReactNode;
}

/** One of what something is made of. */
export function SourceItem({ path, onRemove, children }: SourceItemProps) {
  return (
    <li>
      <div className="mount-layer">
        <span className="mount-layer-path details-break">
          <strong>{nameOf(path)}</strong> <span className="dim">{path}</span>
        </span>
        {children}
        <button
          type="button"
          className="icon-button"
          aria-label={`Leave out ${nameOf(path)}`}
          title="Leave out"
          onClick={onRemove}
        >
          <X size={13} aria-hidden />
        </button>
      </div>
    </li>
  );
}
