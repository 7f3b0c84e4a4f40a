import { FileBox, FolderOpen } from 'lucide-react';
import { openByDialog } from '../state/open.ts';

/** What to do when nothing is open. */
export function EmptyState() {
  return (
    <div className="empty">
      <h1>Look into a composefs image</h1>
      <p>
        Drop a metadata image anywhere in this window: a <code>.cfs</code> or EROFS file, or a folder that holds images.
        An <code>objects</code> folder beside it is found by itself; drop any other store to attach it.
      </p>
      <div className="empty-buttons">
        <button type="button" className="button button-primary" onClick={() => void openByDialog('file')}>
          <FileBox size={15} aria-hidden /> Open an image…
        </button>
        <button type="button" className="button" onClick={() => void openByDialog('folder')}>
          <FolderOpen size={15} aria-hidden /> Open a folder…
        </button>
      </div>
      <p className="dim">
        <kbd>Ctrl</kbd>+<kbd>O</kbd> opens, <kbd>Ctrl</kbd>+<kbd>V</kbd> opens a copied path, <kbd>Ctrl</kbd>+
        <kbd>Shift</kbd>+<kbd>P</kbd> shows all commands, <kbd>?</kbd> all keys.
      </p>
    </div>
  );
}
