import { RefreshCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Failure } from '../details/failure.tsx';
import type { Asked } from '../engine/use-call.ts';

interface LookPanelProps<Value> {
  readonly asked: Asked<Value>;
  /** What is looked through: `source`. */
  readonly what: string;
  readonly onAgain: () => void;
  readonly children: (value: Value) => ReactNode;
}

/** What something will contain, before anything is written. */
export function LookPanel<Value>({ asked, what, onAgain, children }: LookPanelProps<Value>) {
  const again = `Look through the ${what} again`;
  return (
    <section aria-label="What it will contain">
      <h2>
        What it will contain
        <button type="button" className="icon-button" aria-label={again} title={again} onClick={onAgain}>
          <RefreshCw size={13} aria-hidden />
        </button>
      </h2>
      {asked.status === 'failed' &&
        (asked.error.code === 'cancelled' ? (
          <p className="dim">It was not looked through: cancelled.</p>
        ) : (
          <Failure error={asked.error} />
        ))}
      {asked.status === 'loading' && (
        <p className="dim" role="status">
          Looking through it …
        </p>
      )}
      {asked.value && children(asked.value)}
    </section>
  );
}
