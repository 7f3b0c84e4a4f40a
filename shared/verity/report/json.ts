import type { VerifyReport } from '../../contract/verify-values.ts';
import { hexOfBytes } from '../../tree/text.ts';

/** The report as JSON: `schemaVersion` rises when a field changes its meaning or goes. Bytes are hex. */
export function jsonReport(report: VerifyReport): string {
  const versioned = { schema: 'composcope-verify-report', schemaVersion: 1, ...report };
  return `${JSON.stringify(versioned, (_, value: unknown) => (value instanceof Uint8Array ? hexOfBytes(value) : value), 2)}\n`;
}
