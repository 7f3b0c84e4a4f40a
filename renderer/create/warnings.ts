import type { SourceSummary } from '../../shared/contract/create-values.ts';
import { formatCount } from '../parts/format.ts';

const are = (count: number, one: string, many: string): string =>
  count === 1 ? `1 ${one}` : `${formatCount(count)} ${many}`;

/** What somebody should know of a source before an image is made of it: whole sentences. @param isLinked hard links are kept */
export function warningsOf(
  { devices, skipped, hardLinks, oddNames, others }: SourceSummary,
  isLinked: boolean,
): readonly string[] {
  const warnings: string[] = [];
  if (skipped > 0) warnings.push(`${are(skipped, 'device is', 'devices are')} left out.`);
  if (devices > 0) warnings.push(`${are(devices, 'device node goes', 'device nodes go')} into the image.`);
  if (hardLinks > 0 && !isLinked) {
    const names = are(hardLinks, 'name is a hard link', 'names are hard links');
    warnings.push(`${names}: each becomes a file of its own, unless they are kept together.`);
  }
  if (oddNames > 0) warnings.push(`${are(oddNames, 'name is', 'names are')} not UTF-8; the bytes stay as they are.`);
  if (others > 0) warnings.push(`${are(others, 'FIFO or socket goes', 'FIFOs and sockets go')} into the image, too.`);
  return warnings;
}
