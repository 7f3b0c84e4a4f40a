import { Copy } from 'lucide-react';
import type { WireError } from '../../shared/contract/values.ts';
import { errorText } from '../shell/error-text.ts';
import { copyText } from '../state/navigate.ts';

/** Why something cannot be shown, to be read and copied. */
export function Failure({ error }: { readonly error: WireError }) {
  const text = errorText(error);
  return (
    <p className="details-failure bad" role="alert">
      {text}{' '}
      <button
        type="button"
        className="icon-button"
        aria-label="Copy the message"
        title="Copy"
        onClick={() => void copyText(text)}
      >
        <Copy size={12} aria-hidden />
      </button>
    </p>
  );
}
