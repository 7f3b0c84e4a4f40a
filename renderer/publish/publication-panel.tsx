import { FolderTree, X } from 'lucide-react';
import type { PublicationImageInfo } from '../../shared/contract/publish-values.ts';
import { formatBytes } from '../../shared/tree/format.ts';
import { CopyButton } from '../details/attributes-tab.tsx';
import { Failure } from '../details/failure.tsx';
import { useCall } from '../engine/use-call.ts';
import { formatCount } from '../parts/format.ts';
import { openPublished } from '../state/publish.ts';
import { usePublish } from '../state/publish-store.ts';
import { CheckPanel } from './check-panel.tsx';
import { FetchPlanPanel } from './fetch-plan-panel.tsx';

/** What was published: its images, whether it is right, what a client must fetch. */
export function PublicationPanel({ folder }: { readonly folder: string }) {
  const version = usePublish((state) => state.version);
  const asked = useCall('publication', { folder }, version);
  const { value } = asked;
  return (
    <section aria-label="The publication">
      <h2 className="details-break">
        {folder}
        <button
          type="button"
          className="icon-button"
          aria-label="Close the publication"
          title="Close"
          onClick={() => usePublish.setState({ shown: undefined, run: { status: 'idle' } })}
        >
          <X size={13} aria-hidden />
        </button>
      </h2>
      {asked.status === 'failed' && <Failure error={asked.error} />}
      {value && (
        <>
          <p>
            {formatCount(value.images.length)} {value.images.length === 1 ? 'image' : 'images'},{' '}
            {formatCount(value.objects)} {value.objects === 1 ? 'object' : 'objects'}, {formatBytes(value.bytes)}.{' '}
            <span className="dim">Manifest:</span> <code className="details-break">{value.manifest}</code>{' '}
            <CopyButton text={value.manifest} what="the manifest’s path" />
          </p>
          <ul className="publish-images" aria-label="Published images">
            {value.images.map((image) => (
              <ImageItem key={image.name} image={image} />
            ))}
          </ul>
          <CheckPanel hasSignatures={value.images.some(({ isSigned }) => isSigned)} />
          <FetchPlanPanel folder={folder} images={value.images} />
        </>
      )}
    </section>
  );
}

function ImageItem({ image }: { readonly image: PublicationImageInfo }) {
  const { name, path, digest, format, size, objects, objectBytes, isSigned } = image;
  return (
    <li>
      <div className="publish-image">
        <p>
          <strong>{name}</strong>{' '}
          <span className="dim">
            {formatBytes(size)}, format {format}; {formatCount(objects)} objects, {formatBytes(objectBytes)}
            {isSigned ? '; signed' : ''}
          </span>
        </p>
        <p>
          <code className="details-break">{digest}</code> <CopyButton text={digest} what={`the digest of ${name}`} />
        </p>
      </div>
      <button type="button" className="button" aria-label={`Open ${name}`} onClick={() => void openPublished(path)}>
        <FolderTree size={13} aria-hidden /> Open
      </button>
    </li>
  );
}
