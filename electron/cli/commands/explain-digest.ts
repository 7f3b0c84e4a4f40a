import { openImage } from '../../../shared/composefs/open-image.ts';
import type { DigestSearch } from '../../../shared/contract/search-values.ts';
import type { DigestFinding, ExpectedDigest } from '../../../shared/contract/verify-values.ts';
import { count, withoutControls } from '../../../shared/verity/explain/words.ts';
import { meaningOf, type MessageMeaning } from '../../../shared/verity/known-messages.ts';
import { parseDigest } from '../../../shared/verity/parse-digest.ts';
import { openSide } from '../../engine/compare/open-side.ts';
import { triageDigest } from '../../engine/digest-triage.ts';
import { verityDigestOf } from '../../engine/image-digest.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import type { JobContext } from '../../engine/job-list.ts';
import { measuredBytes } from '../../engine/measured-bytes.ts';
import { searchExpected } from '../../engine/search-expected.ts';
import { Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { expectedDigest } from '../image-check.ts';
import { readWholeFile } from '../read-file.ts';
import { storesFor } from '../session.ts';

const openFile = (file: string) => openImage(readWholeFile(file));

interface Explained {
  /** What the text means that the digest was found in, where it is a message that is known. */
  readonly message: MessageMeaning | undefined;
  /** Of the image file itself; undefined: it is none. */
  readonly digest: string | undefined;
  readonly expected: ExpectedDigest;
  /** Where it is another kind of digest, or this tree in another format. */
  readonly finding: DigestFinding | undefined;
  /** Where nothing of that was found. */
  readonly search: DigestSearch | undefined;
}

/**
 * What the digest is that is expected of an image, a directory, a dump or a container image: first what costs nothing, then
 * what would have to be done to the tree for its image to have that digest.
 */
export const explainDigest: Command = async ({ out, reporter }, [file = ''], options) => {
  const { signal } = new AbortController();
  const job: JobContext = {
    signal,
    progress: (done, total, message = '') => reporter.progress(`${message}: ${done} of ${total ?? '?'}`),
  };
  const text = options.digest ?? '';
  const message = meaningOf(text);
  if (message !== undefined && 'fault' in parseDigest(text)) {
    // there is no digest in it, and nothing to search for
    out.text(options.json === true ? jsonOf({ image: file, message }) : linesOf(messageLines(message)));
    return;
  }
  let session: ImageSession;
  try {
    session = await openSide([file], job, { ...options, openFile });
  } catch (error) {
    reporter.error(error, file);
    return;
  }
  const expected = await expectedDigest(session, options.digest, reporter);
  const stores = await storesFor(session, options.store, reporter);
  const dataRoots = stores.map(({ found }) => found.dataRoot);
  const explained = { message, ...(await explain(session, expected, dataRoots, job)) };
  reporter.progressDone();
  if (!isAsExpected(explained)) reporter.note(Status.found);
  out.text(options.json === true ? jsonOf({ image: file, ...explained }) : textOf(file, explained));
};

/** The file has the digest; or what is no image file is the tree that an image with the digest was made of. */
const isAsExpected = ({ digest, expected, search }: Explained): boolean =>
  digest === expected.digest || (digest === undefined && search?.found?.steps.length === 0);

const jsonOf = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`;
const linesOf = (lines: readonly string[]): string => `${lines.map((line) => withoutControls(line, '?')).join('\n')}\n`;
const messageLines = ({ meaning, advice }: MessageMeaning): readonly string[] => [meaning, `→ ${advice}`];

async function explain(
  session: ImageSession,
  expected: ExpectedDigest,
  dataRoots: readonly string[],
  job: JobContext,
): Promise<Omit<Explained, 'message'>> {
  const isFile = ['composefs', 'erofs', 'dump', 'cfs'].includes(session.image.kind);
  const digest = isFile ? await verityDigestOf(measuredBytes(session.image), session.verityAlgorithm, job) : undefined;
  if (digest === expected.digest) return { digest, expected, finding: undefined, search: undefined };
  const finding = isFile ? await triageDigest(session, expected, { others: [], dataRoots }, job) : undefined;
  if (finding?.certainty === 'certain') return { digest, expected, finding, search: undefined };
  return { digest, expected, finding, search: await searchExpected(session, expected, dataRoots, job) };
}

function textOf(file: string, { message, digest, expected, finding, search }: Explained): string {
  const lines = [
    `${file}: ${digest === undefined ? 'no image file' : digest}`,
    `expected: ${expected.digest} (${expected.source})`,
  ];
  if (message !== undefined) lines.push('', ...messageLines(message));
  if (digest === expected.digest) lines.push('It is as expected.');
  if (search?.found !== undefined) {
    const { sentence, steps, advice } = search.found;
    lines.push('', `${sentence} This is certain: the image was written, and measured.`);
    for (const { what, cause, title } of steps) lines.push(`  ${what}  (${cause} ${title})`);
    for (const line of advice) lines.push(`→ ${line}`);
    lines.push('', `${count(search.images, 'image')} had to be written for it.`);
  } else if (finding !== undefined) {
    lines.push('', finding.sentence);
    if (finding.where !== undefined) lines.push(`  ${finding.where}`);
    if (search === undefined) lines.push(`→ ${finding.advice}`);
  }
  if (search !== undefined && search.found === undefined) {
    lines.push(
      '',
      `${count(search.images, 'image')} were written of the tree, and none has the digest.`,
      ...search.tried,
    );
  }
  return linesOf(lines);
}
