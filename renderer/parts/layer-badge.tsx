import './layer-badge.css';

/** Colours that tell layers apart; the number beside them says which it is. */
export const LAYER_HUES = 8;

/** The class that gives an element a layer's colour as `--layer`. */
export const layerClass = (number: number): string => `layer-hue-${(number - 1) % LAYER_HUES}`;

/** A layer's colour, for where several are in one element. */
export const layerColour = (number: number): string => `var(--layer-${(number - 1) % LAYER_HUES})`;

/** A layer's number with its colour. @param name shown when one points at it */
export function LayerBadge({ number, name }: { readonly number: number; readonly name?: string | undefined }) {
  return (
    <span className={`layer-badge ${layerClass(number)}`} title={`Layer ${number}${name ? `: ${name}` : ''}`}>
      <span className="layer-swatch" aria-hidden="true" />
      {number}
    </span>
  );
}
