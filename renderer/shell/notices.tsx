import { CircleAlert, Copy, Info, X } from 'lucide-react';
import { errorText } from './error-text.ts';
import { copyText } from '../state/navigate.ts';
import { dismissNotice, useNotices, useWorkspace, type Notice } from '../state/workspace.ts';
import { useEffect } from 'react';

const INFO_MS = 6000;

/** What happened, until it is dismissed; what is only said, for a moment. */
export function Notices() {
  const notices = useNotices((state) => state.notices);
  return (
    <div className="notices" role="region" aria-label="Messages">
      {notices.map((notice) => (
        <NoticeCard key={notice.id} notice={notice} />
      ))}
    </div>
  );
}

function NoticeCard({ notice }: { readonly notice: Notice }) {
  const { id, kind, title, error } = notice;
  useEffect(() => {
    if (kind !== 'info') return undefined;
    const timer = window.setTimeout(() => dismissNotice(id), INFO_MS);
    return () => window.clearTimeout(timer);
  }, [id, kind]);
  const details = error ? errorText(error) : '';
  return (
    <div className={`notice notice-${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {kind === 'error' ? <CircleAlert size={16} aria-hidden className="bad" /> : <Info size={16} aria-hidden />}
      <div className="notice-text">
        <strong>{title}</strong>
        {details !== '' && <span>{details}</span>}
      </div>
      {error && (
        <button
          type="button"
          className="icon-button"
          aria-label="Copy the message"
          title="Copy"
          onClick={() => void copyText(`${title}: ${details}`)}
        >
          <Copy size={13} aria-hidden />
        </button>
      )}
      <button
        type="button"
        className="icon-button"
        aria-label="Dismiss"
        title="Dismiss"
        onClick={() => dismissNotice(id)}
      >
        <X size={13} aria-hidden />
      </button>
    </div>
  );
}

/** Says that the engine ended and is being started again. */
export function EngineBanner() {
  const why = useWorkspace((state) => state.engineGone);
  if (why === undefined) return null;
  return (
    <div className="engine-banner" role="alert">
      <CircleAlert size={16} aria-hidden />
      <span>{why}</span>
      <button type="button" className="button" onClick={() => void window.composcope.call('restartEngine', {})}>
        Start it now
      </button>
    </div>
  );
}
