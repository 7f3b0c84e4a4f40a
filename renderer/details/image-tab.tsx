import { verityStatuses } from '../../shared/contract/status.ts';
import type { Counts, ImageInfo, ProblemValue } from '../../shared/contract/values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { engine } from '../engine/engine.ts';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { VerityBadge } from '../parts/verity-badge.tsx';
import { goTo } from '../state/navigate.ts';
import { setFilter } from '../explore/tree-actions.ts';
import { CopyButton, Fact, Facts } from './attributes-tab.tsx';
import { Expected } from './expected.tsx';
import { Failure } from './failure.tsx';

/** The counts of kinds, in the words of the table. */
const kinds: readonly (readonly [keyof Counts, string])[] = [
  ['directories', 'Directories'],
  ['files', 'Regular files'],
  ['backedFiles', '· backed by objects'],
  ['inlineFiles', '· inline'],
  ['emptyFiles', '· empty'],
  ['hardLinks', 'Hard links'],
  ['symlinks', 'Symlinks'],
  ['devices', 'Devices'],
  ['fifos', 'FIFOs'],
  ['sockets', 'Sockets'],
  ['whiteouts', 'Whiteouts'],
];

/** The image as a whole: digest, statuses, what it holds, its header, and all that is wrong with it. */
export function ImageTab({ image }: { readonly image: ImageInfo }) {
  const { counts } = image;
  return (
    <div className="details-scroll">
      <h2 className="details-path">
        <span>{image.path}</span>
        <CopyButton text={image.path} what="the image’s path" />
      </h2>
      <Facts>
        <Fact name="Format">{image.title}</Fact>
        <Fact name="Size">
          {formatCount(image.bytes)} bytes
          {image.bytes >= 1024 && <span className="dim"> ({formatBytes(image.bytes)})</span>}
        </Fact>
        <Fact name="Image digest">
          {image.kind === 'stack' ? (
            <span className="dim">none: it is several files</span>
          ) : image.noDigest !== undefined ? (
            <>
              <span className="dim">none: {image.noDigest}</span>{' '}
              <button
                type="button"
                className="button"
                onClick={() => void engine.call('measure', { image: image.image })}
              >
                Measure again
              </button>
            </>
          ) : image.digest === undefined ? (
            <span className="dim">being computed …</span>
          ) : (
            <>
              <span className="dim">{image.algorithm}</span> <code className="details-break">{image.digest}</code>{' '}
              <CopyButton text={image.digest} what="the image digest" />
            </>
          )}
        </Fact>
      </Facts>
      {image.kind !== 'stack' && <Expected image={image} />}
      {image.problems > 0 && <AllProblems image={image} />}
      <Statuses image={image} />
      <section aria-label="Entries">
        <h3>Entries</h3>
        <Facts wide>
          <Fact name="Entries">{formatCount(counts.entries)}</Fact>
          {kinds.map(
            ([name, title]) =>
              counts[name] > 0 && (
                <Fact key={name} name={title}>
                  {formatCount(counts[name])}
                </Fact>
              ),
          )}
          <Fact name="Bytes of files">{formatBytes(counts.apparentBytes)}</Fact>
          <Fact name="Objects">
            {formatCount(counts.objects)}, {formatBytes(counts.objectBytes)}
          </Fact>
        </Facts>
      </section>
      <section aria-label="Header">
        <h3>Header</h3>
        <Facts wide>
          {image.facts.map(({ label, value }) => (
            <Fact key={label} name={label}>
              <span className="details-break">{value}</span>
            </Fact>
          ))}
        </Facts>
      </section>
    </div>
  );
}

function Statuses({ image }: { readonly image: ImageInfo }) {
  const present = verityStatuses.filter((status) => (image.statuses[status] ?? 0) > 0);
  if (present.length === 0) return null;
  return (
    <section aria-label="Objects by status">
      <h3>Objects by status</h3>
      <ul className="details-list">
        {present.map((status) => (
          <li key={status}>
            <button
              type="button"
              className="details-link"
              title={`Show the files whose object is ${status}`}
              onClick={() => void setFilter(image.image, `verity:${status}`)}
            >
              {formatCount(image.statuses[status] ?? 0)} <VerityBadge status={status} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function AllProblems({ image }: { readonly image: ImageInfo }) {
  const asked = useCall('problems', { image: image.image });
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  if (!asked.value) return null;
  const { problems, omitted } = asked.value;
  return (
    <section className="details-problems" aria-label="Problems of the image">
      {problems.map((problem) => (
        <ProblemItem key={`${problem.offset} ${problem.message}`} image={image} problem={problem} />
      ))}
      {omitted > 0 && <p className="dim">… and {formatCount(omitted)} more</p>}
    </section>
  );
}

function ProblemItem({ image, problem }: { readonly image: ImageInfo; readonly problem: ProblemValue }) {
  const { entry, path, severity, message, offset, code } = problem;
  return (
    <p className={severity === 'error' ? 'bad' : 'details-warning'}>
      ⚠ {severity}:{' '}
      {path !== undefined &&
        (entry === undefined ? (
          path
        ) : (
          <button type="button" className="details-link" onClick={() => void goTo(image.image, entry)}>
            {path}
          </button>
        ))}{' '}
      {message}{' '}
      <span className="dim">
        (offset {offset}, {code})
      </span>
    </p>
  );
}
