import { ShieldCheck } from 'lucide-react';
import type { PublicationVerdict } from '../../shared/contract/publish-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { Failure } from '../details/failure.tsx';
import { formatCount } from '../parts/format.ts';
import { checkShown, pickCheckingCertificates, usePublishJob } from '../state/publish.ts';
import { usePublish } from '../state/publish-store.ts';
import { JobProgress } from './job-progress.tsx';
import { PathField } from './path-field.tsx';
import { verdictWords } from './verdict-words.ts';

/** Reads all that was published, and says whether it is right. */
export function CheckPanel({ hasSignatures }: { readonly hasSignatures: boolean }) {
  const { check, certificates, compares, images, layers } = usePublish();
  const hasSources = images.length + layers.length > 0;
  return (
    <section className="publish-part" aria-label="Check">
      <h3>Is it right?</h3>
      {hasSignatures && (
        <PathField
          label="Certificate"
          value={certificates.length === 0 ? undefined : certificates.join(', ')}
          none="none: signatures are not checked"
          onPick={() => void pickCheckingCertificates()}
          onClear={() => usePublish.setState({ certificates: [] })}
        />
      )}
      {hasSources && (
        <label className="mount-choice">
          <input
            type="checkbox"
            checked={compares}
            onChange={({ target }) => usePublish.setState({ compares: target.checked })}
          />
          Compare with the sources on the left: they are read, and must give the same images
        </label>
      )}
      <div className="verify-buttons publish-check">
        <button
          type="button"
          className="button button-primary"
          disabled={check.status === 'running'}
          onClick={() => void checkShown()}
        >
          <ShieldCheck size={13} aria-hidden /> Check what was published
        </button>
      </div>
      {check.status === 'running' && <Running />}
      {check.status === 'failed' && <Failure error={check.error} />}
      {check.status === 'ended' && <Verdict verdict={check.verdict} />}
    </section>
  );
}

function Running() {
  return (
    <div role="status">
      <JobProgress job={usePublishJob('check')} label="Checking what was published" />
    </div>
  );
}

const partWords = {
  manifest: 'manifest',
  image: 'image',
  object: 'object',
  signature: 'signature',
  source: 'not as its source',
} as const;

function Verdict({ verdict }: { readonly verdict: PublicationVerdict }) {
  const { faults, faultCount, images, objects, bytes } = verdict;
  const isRight = faultCount === 0;
  return (
    <div role="status" aria-label="Verdict">
      <p className={`mount-verdict ${isRight ? 'good' : 'bad'}`}>
        {isRight
          ? '✓ All is there, and right'
          : `✗ ${formatCount(faultCount)} ${faultCount === 1 ? 'part is' : 'parts are'} wrong`}
      </p>
      <p>
        {formatCount(images)} {images === 1 ? 'image' : 'images'} and {formatCount(objects)}{' '}
        {isRight ? `objects, ${formatBytes(bytes)}, were read` : 'objects that are right were read'}.{' '}
        {verdictWords(verdict).join(' ')}
      </p>
      {faults.length > 0 && (
        <ul className="create-unreadable" aria-label="What is wrong">
          {faults.map(({ part, path, message, images: users }) => (
            <li key={`${part} ${path} ${message}`}>
              <span className="bad">✗ {partWords[part]}</span> <code className="details-break">{path}</code>{' '}
              <span className="details-break">{message}</span>
              {part === 'object' && users.length > 0 && <span className="dim"> (of {users.join(', ')})</span>}
            </li>
          ))}
        </ul>
      )}
      {faults.length < faultCount && <p className="dim">and {formatCount(faultCount - faults.length)} more</p>}
      {!isRight && (
        <p className="dim">
          To mend it, publish again to the same folder, with <q>Read objects that the folder has already</q> on.
        </p>
      )}
    </div>
  );
}
