import { useState } from 'react';
import { MAX_PLAN_SHOWN, type FetchPlan, type PublicationImageInfo } from '../../shared/contract/publish-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { CopyButton } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { usePublish } from '../state/publish-store.ts';
import { FetchList } from './fetch-list.tsx';

interface FetchPlanProps {
  readonly folder: string;
  readonly images: readonly PublicationImageInfo[];
}

/** What a client that has one of the images must fetch for another. */
export function FetchPlanPanel({ folder, images }: FetchPlanProps) {
  const version = usePublish((state) => state.version);
  const names = images.map(({ name }) => name);
  const [have, setHave] = useState('');
  const [chosen, setWant] = useState('');
  const want = names.includes(chosen) ? chosen : (names[0] ?? '');
  const known = names.includes(have) ? have : '';
  const request = want === '' ? undefined : { folder, want, ...(known !== '' && { have: known }) };
  const asked = useCall('fetchPlan', request, version);
  return (
    <section className="publish-part" aria-label="Fetch plan">
      <h3>What must a client fetch?</h3>
      <p className="publish-plan">
        <label>
          that has{' '}
          <select className="input" value={known} onChange={({ target }) => setHave(target.value)}>
            <option value="">nothing yet</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          and wants{' '}
          <select className="input" value={want} onChange={({ target }) => setWant(target.value)}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </p>
      {asked.status === 'failed' && <Failure error={asked.error} />}
      {asked.value && <Plan plan={asked.value} />}
    </section>
  );
}

function Plan({ plan }: { readonly plan: FetchPlan }) {
  const { objects, bytes, kept, keptBytes, imageBytes, fetch } = plan;
  return (
    <>
      <p role="status">
        {imageBytes > 0 ? `The image, ${formatBytes(imageBytes)}, and ` : ''}
        {formatCount(objects)} {objects === 1 ? 'object' : 'objects'}, {formatBytes(bytes)}.
        {kept > 0 && ` It has ${formatCount(kept)} already, ${formatBytes(keptBytes)}.`}
      </p>
      {fetch.length > 0 && (
        <details>
          <summary>
            {objects > MAX_PLAN_SHOWN ? `The first ${formatCount(MAX_PLAN_SHOWN)} objects` : 'The objects'}
          </summary>
          <p className="dim">
            Copy the list{' '}
            <CopyButton text={fetch.map(({ path, size }) => `${path} ${size}\n`).join('')} what="the list" />
          </p>
          <FetchList objects={fetch} />
          {objects > fetch.length && (
            <p className="dim">
              All of them: <code>composcope fetch-plan</code> lists them on the command line.
            </p>
          )}
        </details>
      )}
    </>
  );
}
