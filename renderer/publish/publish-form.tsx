import { Upload } from 'lucide-react';
import { useState } from 'react';
import { SubmitFooter } from '../create/submit-footer.tsx';
import { pickFolder, pickKey, pickSigningCertificate, startPublish } from '../state/publish.ts';
import { usePublish } from '../state/publish-store.ts';
import { PathField } from './path-field.tsx';
import { PublishSources } from './publish-sources.tsx';

/** What, where to and how. */
export function PublishForm() {
  const { images, layers, folder, key, certificate, checkContent, asksPassphrase, run } = usePublish();
  // what is typed lives here alone, and goes when the run begins
  const [passphrase, setPassphrase] = useState('');
  const lacks = [
    ...(images.length + layers.length === 0 ? ['Choose what is to be published.'] : []),
    ...(folder === undefined ? ['Choose the folder that it is written to.'] : []),
    ...(key !== undefined && certificate === undefined ? ['Choose the certificate that the key belongs to.'] : []),
    ...(key === undefined && certificate !== undefined
      ? ['Choose the key of the certificate, or no certificate.']
      : []),
    ...(asksPassphrase !== undefined && passphrase === '' ? ['Type the passphrase of the key.'] : []),
  ];
  return (
    <form
      className="mount-form"
      aria-label="Publish"
      onSubmit={(event) => {
        event.preventDefault();
        setPassphrase('');
        void startPublish(passphrase);
      }}
    >
      <div className="mount-fields">
        <PublishSources />
        <fieldset>
          <legend>Write to</legend>
          <PathField label="Folder" value={folder} none="no folder yet" onPick={() => void pickFolder()} />
          <label className="mount-choice">
            <input
              type="checkbox"
              checked={checkContent}
              onChange={({ target }) => usePublish.setState({ checkContent: target.checked })}
            />
            Read objects that the folder has already, too, and replace wrong ones
          </label>
        </fieldset>
        <fieldset>
          <legend>Signature</legend>
          <p className="dim">
            Not needed. With a key, each image gets a detached signature (PKCS#7) over its digest, as the kernel and
            fsverity know it. The key is read when it signs, and kept nowhere.
          </p>
          <PathField
            label="Key"
            value={key}
            none="none: nothing is signed"
            onPick={() => void pickKey()}
            onClear={() => usePublish.setState({ key: undefined, asksPassphrase: undefined })}
          />
          <PathField
            label="Certificate"
            value={certificate}
            none="none"
            onPick={() => void pickSigningCertificate()}
            onClear={() => usePublish.setState({ certificate: undefined })}
          />
          {asksPassphrase !== undefined && (
            <label className="publish-passphrase">
              <span className="mount-caution">⚠ {asksPassphrase}</span>
              <span>
                Its passphrase{' '}
                <input
                  type="password"
                  className="input"
                  autoComplete="off"
                  value={passphrase}
                  // it was just asked for, by what the person did
                  ref={(field) => field?.focus()}
                  onChange={({ target }) => setPassphrase(target.value)}
                />
              </span>
            </label>
          )}
        </fieldset>
      </div>
      <SubmitFooter lacks={lacks} isRunning={run.status === 'running'}>
        <Upload size={14} aria-hidden /> Publish
      </SubmitFooter>
    </form>
  );
}
