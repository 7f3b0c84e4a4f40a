import { Wrench } from 'lucide-react';
import { useState } from 'react';
import type { FailureDetail, ObjectRef } from '../../shared/contract/verify-values.ts';
import { ruleTitles } from '../../shared/contract/verify-values.ts';
import { engine } from '../engine/engine.ts';
import { CopyButton, Fact, Facts } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { VerityBadge } from '../parts/verity-badge.tsx';
import { goTo } from '../state/navigate.ts';
import { repairObjects, useVerify } from '../state/verify.ts';
import { notify, useRowVersion, useWorkspace } from '../state/workspace.ts';
import { Strip } from './block-strip.tsx';
import { HexPair } from './hex-pair.tsx';

/** All about one bad object. */
export function FailurePage({ reference }: { readonly reference: ObjectRef }) {
  const version = useRowVersion('image' in reference ? reference.image : undefined);
  const stores = useWorkspace((state) => state.stores.length);
  const asked = useCall('failure', reference, version * 100 + stores);
  if (asked.status === 'failed') return <Failure error={asked.error} />;
  if (!asked.value) return <p className="failure dim">Reading the object …</p>;
  return <Page detail={asked.value} />;
}

function Page({ detail }: { readonly detail: FailureDetail }) {
  const { problem, explanation, kernel, expectedDigest, foundDigest, algorithm, advice } = detail;
  const { findings, ruledOut, notTried, strip, firstDifference } = explanation;
  const digestName = detail.measure === 'content' ? `${algorithm} of the content` : algorithm;
  return (
    <div className="failure">
      <p className="failure-status">
        <VerityBadge status={problem.status} /> <span>{detail.message}</span>
      </p>
      <h2 className="failure-title">{findings[0]?.sentence ?? 'No known cause explains it.'}</h2>
      {findings.map(({ rule, certainty, sentence, evidence }, index) => (
        <section key={rule} className="failure-finding" aria-label={ruleTitles[rule]}>
          <h3>
            {ruleTitles[rule]} <span className={`certainty certainty-${certainty}`}>{certainty}</span>
          </h3>
          {index > 0 && <p>{sentence}</p>}
          <Facts wide>
            {evidence.map(({ label, value }) => (
              <Fact key={`${label} ${value}`} name={label}>
                <code className="details-break">{value}</code>
              </Fact>
            ))}
          </Facts>
        </section>
      ))}
      {strip && <Strip strip={strip} />}
      {firstDifference && <HexPair pair={firstDifference} />}
      <section aria-label="What to do">
        <h3>What to do</h3>
        <ol className="failure-advice">
          {advice.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ol>
        <RepairButtons detail={detail} />
      </section>
      <section aria-label="Expected and found">
        <h3>Expected and found</h3>
        <Facts wide>
          <Fact name="Object">
            <code className="details-break">{problem.redirect}</code>{' '}
            <CopyButton text={problem.redirect} what="the object’s name" />
          </Fact>
          <Fact name="Digest expected">
            {expectedDigest === undefined ? (
              'none'
            ) : (
              <>
                <span className="dim">{digestName}</span> <code className="details-break">{expectedDigest}</code>{' '}
                <CopyButton text={expectedDigest} what="the expected digest" />
              </>
            )}
          </Fact>
          {foundDigest !== undefined && (
            <Fact name="Digest found">
              <span className="dim">{digestName}</span> <code className="details-break">{foundDigest}</code>{' '}
              <CopyButton text={foundDigest} what="the found digest" />
            </Fact>
          )}
          <Fact name="Size expected">
            {detail.expectedSize === undefined ? 'not known' : `${formatCount(detail.expectedSize)} bytes`}
          </Fact>
          {detail.objectSize !== undefined && <Fact name="Size found">{formatCount(detail.objectSize)} bytes</Fact>}
          {detail.objectPath !== undefined && (
            <Fact name="On disk">
              <span className="details-break">{detail.objectPath}</span>{' '}
              <CopyButton text={detail.objectPath} what="the path on disk" />
            </Fact>
          )}
          {detail.errno !== undefined && <Fact name="Errno">{detail.errno}</Fact>}
        </Facts>
      </section>
      <section aria-label="Below a mount">
        <h3>Below a mount</h3>
        <Facts wide>
          <Fact name="With verity=require">{kernel.seen}</Fact>
          <Fact name="Without">{kernel.seenWithout}</Fact>
          {kernel.log !== undefined && (
            <Fact name="Kernel log">
              <code className="details-break">{kernel.log}</code>
            </Fact>
          )}
        </Facts>
      </section>
      <Paths detail={detail} />
      {(ruledOut.length > 0 || notTried.length > 0) && (
        <details>
          <summary>Ruled out, or not tried ({ruledOut.length + notTried.length})</summary>
          <ul>
            {[...ruledOut, ...notTried].map(({ rule, sentence }) => (
              <li key={rule}>{sentence}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function show(image: number, entry: number): void {
  useWorkspace.setState({ activity: 'explore' });
  void goTo(image, entry);
}

function Paths({ detail }: { readonly detail: FailureDetail }) {
  if (detail.uses.length === 0) return null;
  return (
    <section aria-label="Paths">
      <h3>
        Paths that it hits <span className="dim">{formatCount(detail.uses.length + detail.usesOmitted)}</span>
      </h3>
      <ul className="details-list">
        {detail.uses.map(({ image, entry, path, imageName }) => (
          <li key={`${image} ${entry}`}>
            <button type="button" className="details-link" onClick={() => show(image, entry)}>
              {path}
            </button>{' '}
            <span className="dim">{imageName}</span>
          </li>
        ))}
      </ul>
      {detail.usesOmitted > 0 && <p className="dim">… and {formatCount(detail.usesOmitted)} more</p>}
    </section>
  );
}

function RepairButtons({ detail }: { readonly detail: FailureDetail }) {
  const [busy, setBusy] = useState(false);
  const { goodCopy } = detail.explanation;
  const { ref } = detail.problem;
  // the bad file can be replaced only where an image says what belongs there
  if (!('image' in ref) || detail.expectedDigest === undefined) return null;
  const run = async (from: readonly string[]): Promise<void> => {
    setBusy(true);
    await repairObjects([ref], from);
    setBusy(false);
  };
  const choose = async (): Promise<void> => {
    const reply = await window.composcope.call('pickOpen', { what: 'copies' });
    if (reply.ok && reply.value.length > 0) await run(reply.value);
  };
  return (
    <div className="verify-buttons">
      {goodCopy && (
        <button type="button" className="button button-primary" disabled={busy} onClick={() => void run([])}>
          <Wrench size={14} aria-hidden /> Repair from {goodCopy.where}
        </button>
      )}
      <button type="button" className="button" disabled={busy} onClick={() => void choose()}>
        Repair from a folder or layer…
      </button>
      {detail.command !== undefined && <CopyButton text={detail.command} what="the command that does it" />}
    </div>
  );
}

/** What the last repair kept, and whether to go on keeping it. */
export function KeptCopies() {
  const repaired = useVerify((state) => state.repaired);
  const kept = repaired.filter(({ keptAs }) => keptAs !== undefined);
  if (kept.length === 0) return null;
  const remove = async (): Promise<void> => {
    for (const { keptAs = '' } of kept) {
      const reply = await engine.call('removeKept', { path: keptAs });
      if (!reply.ok) {
        notify('error', 'Could not delete a kept object', reply.error);
        return;
      }
    }
    useVerify.setState({ repaired: [] });
  };
  return (
    <p className="verify-kept">
      {kept.length === 1
        ? 'The bad object is kept as '
        : `${formatCount(kept.length)} bad objects are kept, the first as `}
      <code className="details-break">{kept[0]?.keptAs}</code>{' '}
      <button type="button" className="button" onClick={() => void remove()}>
        Delete {kept.length === 1 ? 'it' : 'them'}
      </button>
    </p>
  );
}
