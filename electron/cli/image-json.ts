import { pathOf } from '../../shared/tree/path.ts';
import type { AttachedStore } from '../engine/attached-store.ts';
import type { ImageSession } from '../engine/image-session.ts';

/** Which image a list of entries is of, and what is wrong with it: the head of `tree`, `find` and `stat`. */
export function imageJson(
  session: ImageSession,
  file: string,
  stores: readonly AttachedStore[],
): Record<string, unknown> {
  const { kind, title, formatVersion } = session.info;
  return {
    image: file,
    kind,
    title,
    formatVersion,
    stores: stores.map(({ found }) => ({ path: found.path, dataRoot: found.dataRoot, title: found.title })),
    problems: problemsJson(session),
  };
}

/** All problems, warnings too; `omitted` are those that the reader did not keep. */
export function problemsJson({ image }: ImageSession): readonly Record<string, unknown>[] {
  const problems: Record<string, unknown>[] = image.problems.map(({ severity, code, entry, offset, message }) => {
    return { severity, code, path: entry === undefined ? undefined : pathOf(image.table, entry), offset, message };
  });
  if (image.problemsOmitted > 0) problems.push({ omitted: image.problemsOmitted });
  return problems;
}
