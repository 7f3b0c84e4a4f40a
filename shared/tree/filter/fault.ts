import type { FilterFault } from '../../contract/values.ts';

/** Where in the filter's text something stands: UTF-16 units, `to` behind the last. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Thrown inside the parser, and nowhere else seen: `parseFilter` gives the fault as a value. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  readonly fault: FilterFault;

  constructor({ from, to }: Range, message: string) {
    super(message);
    this.fault = { from, to, message };
  }
}
