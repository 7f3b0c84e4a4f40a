import type { ReactNode } from 'react';

interface SubmitFooterProps {
  /** Sentences on what must be chosen before it can be begun. */
  readonly lacks: readonly string[];
  readonly isRunning: boolean;
  /** Of the button. */
  readonly children: ReactNode;
}

/** Begins what the form says, and says what it lacks. */
export function SubmitFooter({ lacks, isRunning, children }: SubmitFooterProps) {
  return (
    <footer className="mount-submit">
      <button type="submit" className="button button-primary" disabled={lacks.length > 0 || isRunning}>
        {children}
      </button>
      <div className="mount-says">
        {lacks.map((lack) => (
          <p key={lack} className="dim">
            {lack}
          </p>
        ))}
      </div>
    </footer>
  );
}
