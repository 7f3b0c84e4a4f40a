interface PathFieldProps {
  readonly label: string;
  readonly value: string | undefined;
  /** What is said in place of a path. */
  readonly none: string;
  readonly onPick: () => void;
  readonly onClear?: () => void;
}

/** A place that only a dialog chooses. */
export function PathField({ label, value, none, onPick, onClear }: PathFieldProps) {
  return (
    <div className="create-target" role="group" aria-label={label}>
      <span className="create-target-label publish-label">{label}</span>
      <span className={`create-target-path details-break ${value === undefined ? 'dim' : 'mono'}`}>
        {value ?? none}
      </span>
      {onClear && value !== undefined && (
        <button type="button" className="button" aria-label={`None: ${label}`} onClick={onClear}>
          None
        </button>
      )}
      <button type="button" className="button" aria-label={`Choose: ${label}`} onClick={onPick}>
        Choose…
      </button>
    </div>
  );
}
