import './digest-search.css';
import { useState } from 'react';
import { SEARCH_JOB, type DigestSearch } from '../../shared/contract/search-values.ts';
import { useCall, type Asked } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { Cancelled, Running } from '../parts/job-progress.tsx';
import type { SideName } from '../state/compare.ts';
import { Failure } from './failure.tsx';

/** The search for what must be done to an image's tree so that its image has a digest; begun by a button. */
export function ImageSearch({ image, digest }: { readonly image: number; readonly digest: string }) {
  return <Begun what="it">{(onAgain) => <OfImage image={image} digest={digest} onAgain={onAgain} />}</Begun>;
}

function OfImage({ onAgain, ...request }: { image: number; digest: string; onAgain: () => void }) {
  return <Found asked={useCall('searchDigest', request)} onAgain={onAgain} />;
}

interface CompareSearchProps {
  readonly comparison: number;
  readonly side: SideName;
  readonly digest: string;
  /** `the expected digest` */
  readonly what: string;
}

/** The same of one side of a comparison. */
export function CompareSearch({ what, ...request }: CompareSearchProps) {
  return <Begun what={what}>{(onAgain) => <OfSide {...request} onAgain={onAgain} />}</Begun>;
}

function OfSide({ onAgain, ...request }: Omit<CompareSearchProps, 'what'> & { readonly onAgain: () => void }) {
  return <Found asked={useCall('compareSearch', request)} onAgain={onAgain} />;
}

/** Nothing, until somebody asks for it; then what asks, and anew where somebody asks again. */
function Begun({
  what,
  children,
}: {
  readonly what: string;
  readonly children: (onAgain: () => void) => React.ReactElement;
}) {
  const [times, setTimes] = useState(0);
  if (times === 0) {
    return (
      <p>
        <button
          type="button"
          className="button"
          title="Changes the tree in each way that tools are known for, and writes an image of it, until one has the digest"
          onClick={() => setTimes(1)}
        >
          Search for {what}
        </button>
      </p>
    );
  }
  return (
    <div key={times} className="digest-search">
      {children(() => setTimes(times + 1))}
    </div>
  );
}

function Found({ asked, onAgain }: { readonly asked: Asked<DigestSearch>; readonly onAgain: () => void }) {
  if (asked.status === 'failed') {
    if (asked.error.code !== 'cancelled') return <Failure error={asked.error} />;
    return <Cancelled what="The search for the digest was cancelled." again="Search again" onAgain={onAgain} />;
  }
  if (!asked.value) return <Running title={SEARCH_JOB} words="Writing the tree in other ways …" />;
  return <Result search={asked.value} />;
}

function Result({ search: { found, images, tried } }: { readonly search: DigestSearch }) {
  const written = `${formatCount(images)} ${images === 1 ? 'image was' : 'images were'} written`;
  if (!found) {
    return (
      <div role="status">
        <p>
          <strong>✗ Not found:</strong> {written} of the tree, and none has the digest.
        </p>
        <ul className="details-list">
          {tried.map((sentence) => (
            <li key={sentence} className="dim">
              {sentence}
            </li>
          ))}
        </ul>
      </div>
    );
  }
  const { sentence, steps, advice } = found;
  return (
    <div role="status">
      <p>
        <strong className="good">✓ Found, and certain:</strong> {sentence}
      </p>
      {steps.length > 0 && (
        <ul className="details-list">
          {steps.map(({ transform, what, title }) => (
            <li key={`${transform} ${what}`}>
              {what} <span className="dim">({title})</span>
            </li>
          ))}
        </ul>
      )}
      {advice.map((line) => (
        <p key={line} className="dim">
          → {line}
        </p>
      ))}
      <p className="dim">{written} for it.</p>
    </div>
  );
}
