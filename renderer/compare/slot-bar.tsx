import { Menu } from '@base-ui/react/menu';
import { ArrowLeftRight, FileDown, RefreshCw, X } from 'lucide-react';
import { useState, type DragEvent } from 'react';
import { compareFormats, type CompareFormat, type CompareSideInfo } from '../../shared/contract/compare-values.ts';
import { formatCount } from '../parts/format.ts';
import {
  choose,
  chosenImage,
  choosePaths,
  clearSide,
  compareAgain,
  exportComparison,
  swap,
  useCompare,
  type Chosen,
  type SideName,
} from '../state/compare.ts';
import { notify, useWorkspace } from '../state/workspace.ts';

/** What is compared: two slots to be filled by drop, dialog or from what is open. */
export function SlotBar() {
  const { a, b, state, phase } = useCompare();
  return (
    <header className="compare-slots">
      <Slot side="a" chosen={a} info={state?.a} />
      <button
        type="button"
        className="icon-button"
        aria-label="Swap A and B"
        title="Swap A and B"
        disabled={!a && !b}
        onClick={() => void swap()}
      >
        <ArrowLeftRight size={15} aria-hidden />
      </button>
      <Slot side="b" chosen={b} info={state?.b} />
      <div className="compare-slot-buttons">
        <button
          type="button"
          className="icon-button"
          aria-label="Compare again"
          title="Compare again, as both are now"
          disabled={!a || !b || phase === 'comparing'}
          onClick={() => void compareAgain()}
        >
          <RefreshCw size={14} aria-hidden />
        </button>
        <ExportMenu disabled={!state} />
      </div>
    </header>
  );
}

interface SlotProps {
  readonly side: SideName;
  readonly chosen: Chosen | undefined;
  readonly info: CompareSideInfo | undefined;
}

function Slot({ side, chosen, info }: SlotProps) {
  const [isOver, setOver] = useState(false);
  const letter = side.toUpperCase();
  const onDrop = (event: DragEvent): void => {
    setOver(false);
    const paths = droppedPaths(event);
    if (paths.length === 0) return;
    event.preventDefault(); // else the window opens them
    void choosePaths(paths, side);
  };
  return (
    <div
      className={`compare-slot${isOver ? ' compare-slot-over' : ''}`}
      onDragOver={() => setOver(true)}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <span className="compare-letter">{letter}</span>
      <div className="compare-slot-text" role="group" aria-label={`Side ${letter}`}>
        {chosen ? (
          <>
            <strong className="ellipsis" title={info?.paths.join('\n') ?? chosen.name}>
              {chosen.name}
            </strong>
            {info && (
              <span className="dim ellipsis">
                {info.title} · {formatCount(info.entries)} entries
                {info.digest !== undefined && (
                  <>
                    {' '}
                    · <code title={info.digest}>{`${info.digest.slice(0, 4)}…${info.digest.slice(-4)}`}</code>
                  </>
                )}
                {info.problems > 0 && <span className="bad"> · ⚠ {formatCount(info.problems)} problems</span>}
              </span>
            )}
          </>
        ) : (
          <span className="dim">Drop an image, dump, layer or folder here</span>
        )}
      </div>
      <ChooseMenu side={side} />
      {chosen && (
        <button
          type="button"
          className="icon-button"
          aria-label={`Empty side ${letter}`}
          title={`Empty side ${letter}`}
          onClick={() => void clearSide(side)}
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </div>
  );
}

/** Paths on disk of what is dropped; none where it is no file. */
export function droppedPaths(event: DragEvent): readonly string[] {
  return [...event.dataTransfer.files].map((file) => window.composcope.pathForFile(file)).filter((path) => path !== '');
}

function ChooseMenu({ side }: { readonly side: SideName }) {
  const images = useWorkspace((state) => state.images);
  const pick = async (what: 'file' | 'folder'): Promise<void> => {
    const reply = await window.composcope.call('pickOpen', { what });
    if (reply.ok) await choosePaths(reply.value, side);
    else notify('error', 'Could not show the dialog', reply.error);
  };
  return (
    <Menu.Root>
      <Menu.Trigger className="button" aria-label={`Choose side ${side.toUpperCase()}`}>
        Choose
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={4} align="start">
          <Menu.Popup className="popup">
            {images.map(({ image, name, title }) => (
              <Menu.Item key={image} className="popup-item" onClick={() => void choose({ [side]: chosenImage(image) })}>
                {name} <span className="popup-hint">{title}</span>
              </Menu.Item>
            ))}
            {images.length > 0 && <Menu.Separator className="popup-separator" />}
            <Menu.Item className="popup-item" onClick={() => void pick('file')}>
              An image, dump or layer…
            </Menu.Item>
            <Menu.Item className="popup-item" onClick={() => void pick('folder')}>
              A folder or OCI layout…
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

const formatNames: Readonly<Record<CompareFormat, string>> = {
  json: 'JSON',
  csv: 'CSV',
  html: 'HTML, one file',
  markdown: 'Markdown, for a pull request',
  dump: 'Difference of both dumps',
};

function ExportMenu({ disabled }: { readonly disabled: boolean }) {
  return (
    <Menu.Root>
      <Menu.Trigger className="button" disabled={disabled}>
        <FileDown size={14} aria-hidden /> Export
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="popup-positioner" sideOffset={4} align="end">
          <Menu.Popup className="popup">
            {compareFormats.map((format) => (
              <Menu.Item key={format} className="popup-item" onClick={() => void exportComparison(format)}>
                {formatNames[format]}…
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
