import { Copy } from 'lucide-react';
import type { ReactNode } from 'react';
import type { EntryDetails, EntryKind, ProblemValue } from '../../shared/contract/values.ts';
import { formatBytes, formatMode, formatTime } from '../../shared/tree/format.ts';
import { engine } from '../engine/engine.ts';
import { formatCount } from '../parts/format.ts';
import { VerityBadge } from '../parts/verity-badge.tsx';
import { badStatuses } from '../../shared/contract/status.ts';
import { copyText, goTo, showFailure } from '../state/navigate.ts';
import { LayersSection } from './layers-section.tsx';
import { modeWords } from './mode-words.ts';
import { XattrList } from './xattr-list.tsx';

const kindWords: Readonly<Record<EntryKind, string>> = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  char: 'character device',
  block: 'block device',
  fifo: 'FIFO',
  socket: 'socket',
  whiteout: 'whiteout',
  unknown: 'unknown',
};

/** Attributes, verity, extended attributes, other names, and what is wrong. */
export function AttributesTab({ details }: { readonly details: EntryDetails }) {
  const { row, path, device, problems, xattrs, hardLinks } = details;
  return (
    <div className="details-scroll">
      <h2 className="details-path">
        <span>{path}</span>
        <CopyButton text={path} what="the path" />
      </h2>
      {problems.length > 0 && <Problems problems={problems} />}
      <Facts>
        <Fact name="Type">
          {[kindWords[row.kind], details.whiteout].filter((part) => part !== undefined).join(': ')}
        </Fact>
        {row.target !== undefined && <Fact name="Target">{row.target}</Fact>}
        {row.size !== undefined && (
          <Fact name="Size">
            {formatCount(row.size)} bytes{row.size >= 1024 && <span className="dim"> ({formatBytes(row.size)})</span>}
          </Fact>
        )}
        <Fact name="Mode">
          <code>{formatMode(row.mode)}</code> <code>0{(row.mode & 0o7777).toString(8).padStart(3, '0')}</code>
          {modeWords(row.mode).map((word) => (
            <span key={word} className="details-tag">
              {word}
            </span>
          ))}
        </Fact>
        <Fact name="Owner">
          uid {row.uid}, gid {row.gid}
        </Fact>
        <Fact name="Modified">{formatTime(Number(details.mtime.seconds), details.mtime.nsec, 'full')}</Fact>
        {device && (
          <Fact name="Device">
            {device.major}:{device.minor}
          </Fact>
        )}
        {details.opaque && <Fact name="Opaque">yes: nothing of lower layers shows in this directory</Fact>}
        <Fact name="Links">{formatCount(row.nlink)}</Fact>
        <Fact name="Inode">
          {row.inode}{' '}
          <span className="dim">
            {details.inodeOffset !== undefined && `at offset ${details.inodeOffset}, `}
            {details.layout}
          </span>
        </Fact>
      </Facts>
      <LayersSection details={details} />
      <Verity details={details} />
      {xattrs.length > 0 && (
        <section aria-label="Extended attributes">
          <h3>Extended attributes</h3>
          <XattrList xattrs={xattrs} />
        </section>
      )}
      {hardLinks.length > 0 && <HardLinks details={details} />}
    </div>
  );
}

function Verity({ details }: { readonly details: EntryDetails }) {
  const { row, verity, digestAlgorithm } = details;
  if (!verity && row.redirect === undefined) return null;
  return (
    <section aria-label="Verity">
      <h3>Verity</h3>
      {verity && (
        <p className="details-verity">
          <VerityBadge status={verity.status} /> <span>{verity.message}</span>
        </p>
      )}
      <Facts>
        {row.redirect !== undefined && (
          <Fact name="Redirect">
            <code className="details-break">{row.redirect}</code> <CopyButton text={row.redirect} what="the redirect" />
          </Fact>
        )}
        {row.digest !== undefined && (
          <Fact name="Digest">
            <span className="dim">{digestAlgorithm}</span> <code className="details-break">{row.digest}</code>{' '}
            <CopyButton text={row.digest} what="the digest" />
          </Fact>
        )}
        {verity?.objectPath !== undefined && (
          <Fact name="Object">
            <span className="details-break">{verity.objectPath}</span>{' '}
            <CopyButton text={verity.objectPath} what="the object’s path" />
          </Fact>
        )}
        {verity?.objectSize !== undefined && <Fact name="Object size">{formatCount(verity.objectSize)} bytes</Fact>}
        {verity?.errno !== undefined && <Fact name="Errno">{verity.errno}</Fact>}
      </Facts>
      {verity && badStatuses.has(verity.status) && row.redirect !== undefined && row.hidden === undefined && (
        <button type="button" className="button" onClick={() => showFailure(details.image, row.entry)}>
          Why, and what to do
        </button>
      )}
    </section>
  );
}

function HardLinks({ details }: { readonly details: EntryDetails }) {
  const go = async (path: string): Promise<void> => {
    const reply = await engine.call('find', { image: details.image, path });
    if (reply.ok && reply.value) await goTo(details.image, reply.value.entry);
  };
  return (
    <section aria-label="Hard links">
      <h3>Other names of this inode</h3>
      <ul className="details-list">
        {details.hardLinks.map((path) => (
          <li key={path}>
            <button type="button" className="details-link" onClick={() => void go(path)}>
              {path}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Problems({ problems }: { readonly problems: readonly ProblemValue[] }) {
  return (
    <section className="details-problems" aria-label="Problems">
      {problems.map((problem) => (
        <p
          key={`${problem.offset} ${problem.message}`}
          className={problem.severity === 'error' ? 'bad' : 'details-warning'}
        >
          ⚠ {problem.severity}: {problem.message}{' '}
          <span className="dim">
            (offset {problem.offset}, {problem.code})
          </span>
        </p>
      ))}
    </section>
  );
}

export interface FactsProps {
  /** Names are long: their column is as wide as the longest. */
  readonly wide?: boolean;
  readonly children: ReactNode;
}

export const Facts = ({ wide = false, children }: FactsProps) => (
  <dl className={wide ? 'details-facts details-facts-wide' : 'details-facts'}>{children}</dl>
);

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

export function CopyButton({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <button
      type="button"
      className="icon-button details-copy"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={() => void copyText(text)}
    >
      <Copy size={12} aria-hidden />
    </button>
  );
}
