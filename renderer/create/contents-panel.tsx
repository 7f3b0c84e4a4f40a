import type { SourceSummary, UnreadableFile } from '../../shared/contract/create-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { useCreate } from '../state/create.ts';
import { LookPanel } from './look-panel.tsx';
import { warningsOf } from './warnings.ts';

/** What the image will contain, before anything is written. */
export function ContentsPanel({ sources }: { readonly sources: readonly string[] }) {
  const tree = useCreate((state) => state.tree);
  const looks = useCreate((state) => state.looks);
  // times and links change nothing of what is counted: no reason to look through it again
  const counted = { ...tree, useEpoch: false, hardlinks: false };
  const asked = useCall('sourceSummary', { sources: [...sources], tree: counted }, looks);
  return (
    <LookPanel asked={asked} what="source" onAgain={() => useCreate.setState({ looks: looks + 1 })}>
      {(summary) => <Summary summary={summary} isLinked={tree.hardlinks} />}
    </LookPanel>
  );
}

function Summary({ summary, isLinked }: { readonly summary: SourceSummary; readonly isLinked: boolean }) {
  const { title, entries, files, bytes, backedFiles, directories, symlinks, devices, whiteouts, others } = summary;
  const facts: readonly (readonly [string, string])[] = [
    ['source', title],
    ['entries', formatCount(entries)],
    ['files', `${formatCount(files)}, ${formatBytes(bytes)}`],
    ['to the store', `${formatCount(backedFiles)} files; equal ones become one object`],
    ['directories', formatCount(directories)],
    ['symlinks', formatCount(symlinks)],
    ...(devices > 0 ? [['devices', formatCount(devices)] as const] : []),
    ...(whiteouts > 0 ? [['whiteouts', formatCount(whiteouts)] as const] : []),
    ...(others > 0 ? [['FIFOs and sockets', formatCount(others)] as const] : []),
    ['with xattrs', formatCount(summary.withXattrs)],
  ];
  return (
    <>
      <dl className="create-facts">
        {facts.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <ul className="create-warnings" aria-label="Warnings">
        {warningsOf(summary, isLinked).map((text) => (
          <li key={text} className="mount-caution">
            ⚠ {text}
          </li>
        ))}
      </ul>
      <UnreadableList files={summary.unreadable} count={summary.unreadableCount} />
    </>
  );
}

export function UnreadableList({
  files,
  count,
}: {
  readonly files: readonly UnreadableFile[];
  readonly count: number;
}) {
  if (count === 0) return null;
  return (
    <>
      <p className="bad" role="alert">
        ✗ {formatCount(count)} {count === 1 ? 'entry' : 'entries'} cannot be read: no image is made of what is not
        whole.
      </p>
      <ul className="create-unreadable" aria-label="What cannot be read">
        {files.map(({ path, code, message }) => (
          <li key={path}>
            <code className="details-break">{path}</code>{' '}
            <span className="dim">
              {message}
              {message.includes(code) ? '' : ` (${code})`}
            </span>
          </li>
        ))}
      </ul>
      {files.length < count && <p className="dim">and {formatCount(count - files.length)} more</p>}
    </>
  );
}
