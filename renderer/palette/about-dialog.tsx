import { useEffect, useState } from 'react';
import type { About } from '../../shared/contract/app-calls.ts';
import { Modal } from './modal.tsx';

const sources: Readonly<Record<About['electronSource'], string>> = {
  package: 'from the electron package',
  override: 'from ELECTRON_OVERRIDE_DIST_PATH',
  development: 'for development only: it gets no security updates',
  packaged: 'packaged with the app',
};

/** Which version this is, and what it runs on. */
export function AboutDialog({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Modal open={open} onClose={onClose} title="About Composcope">
      <Facts />
    </Modal>
  );
}

function Facts() {
  const [about, setAbout] = useState<About | undefined>(undefined);
  useEffect(() => {
    void window.composcope.call('about', {}).then((reply) => reply.ok && setAbout(reply.value));
  }, []);
  if (!about) return null;
  return (
    <>
      <dl className="palette-facts">
        <dt>Composcope</dt>
        <dd>{about.version}</dd>
        <dt>Electron</dt>
        <dd>
          {about.electron}{' '}
          <span className={about.electronSource === 'development' ? 'bad' : 'dim'}>
            ({sources[about.electronSource]})
          </span>
        </dd>
        <dt>Chromium</dt>
        <dd>{about.chromium}</dd>
        <dt>Node</dt>
        <dd>{about.node}</dd>
        <dt>Licence</dt>
        <dd>{about.licence}</dd>
      </dl>
      <p className="dim">Looks into composefs images, their stores and their layers.</p>
    </>
  );
}
