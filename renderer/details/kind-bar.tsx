/** How a content is looked at. */
export type Kind = 'text' | 'picture' | 'hex';

const PICTURES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
  'image/bmp',
  'image/x-icon',
]);

/** How a content type is best looked at. */
export function kindOf(type: string): Kind {
  if (PICTURES.has(type)) return 'picture';
  // SVG is text here: a picture that can hold scripts and links is only ever read
  const isText = type.startsWith('text/') || ['image/svg+xml', 'application/json', 'application/xml'].includes(type);
  return isText ? 'text' : 'hex';
}

export interface KindBarProps {
  /** How it is best looked at. */
  readonly natural: Kind;
  readonly kind: Kind;
  /** It is not to be shown as this. */
  readonly without?: Kind | undefined;
  readonly onChoose: (kind: Kind) => void;
}

/** Chooses how a content is shown. */
export function KindBar({ natural, kind, without, onChoose }: KindBarProps) {
  const kinds: readonly Kind[] = natural === 'picture' ? ['picture', 'hex'] : ['text', 'hex'];
  return (
    <div role="group" aria-label="Show as" className="details-kinds">
      {kinds.map((each) => (
        <button
          key={each}
          type="button"
          className="details-kind"
          aria-pressed={kind === each}
          disabled={each === without}
          onClick={() => onChoose(each)}
        >
          {each}
        </button>
      ))}
    </div>
  );
}
