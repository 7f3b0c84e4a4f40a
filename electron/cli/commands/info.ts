import { verityStatuses } from '../../../shared/contract/status.ts';
import type { Counts } from '../../../shared/contract/values.ts';
import { formatBytes } from '../../../shared/tree/format.ts';
import { pathOf } from '../../../shared/tree/path.ts';
import { hexOfBytes } from '../../../shared/tree/text.ts';
import { fsVerityDigest } from '../../../shared/verity/fs-verity.ts';
import { countHits, type AttachedStore } from '../../engine/attached-store.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import { measuredBytes } from '../../engine/measured-bytes.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { problemsJson } from '../image-json.ts';
import { checkObjects, openSession, storesFor } from '../session.ts';

/** Problems that the text lists; the JSON lists all that are kept. */
const MAX_LISTED = 100;

/** Header, counts, digest, stores and problems of images. */
export const info: Command = async ({ out, reporter }, files, { json = false, store }) => {
  const images: Record<string, unknown>[] = [];
  let separator = '';
  for (const file of files) {
    const session = openSession(file, reporter);
    if (session === undefined) continue;
    await session.indexed; // before that, there are no objects to count
    const stores = await storesFor(session, store, reporter);
    await checkObjects(session, stores, reporter);
    const hits = await countHits([session], stores);
    const algorithm = session.verityAlgorithm;
    const bytes = measuredBytes(session.image);
    const digest = hexOfBytes(fsVerityDigest(bytes, { algorithm, hash: nativeHash(algorithm) }));
    if (json) images.push(infoJson(session, file, `${algorithm}:${digest}`, stores, hits));
    else {
      out.text(`${separator}${describe(session, file, `${algorithm}:${digest}`, stores, hits)}`);
      separator = '\n';
    }
    // they are among what was asked for, and so not told again on standard error
    if (session.image.problems.some(({ severity }) => severity === 'error')) reporter.note(Status.input);
  }
  if (json) out.text(`${JSON.stringify({ images }, undefined, 2)}\n`);
};

function infoJson(
  session: ImageSession,
  file: string,
  digest: string,
  stores: readonly AttachedStore[],
  hits: readonly number[],
): Record<string, unknown> {
  const { kind, title, formatVersion, bytes, counts, facts, statuses } = session.info;
  return {
    image: file,
    kind,
    title,
    formatVersion,
    bytes,
    digest,
    counts,
    facts: Object.fromEntries(facts.map(({ label, value }) => [label, value])),
    stores: stores.map(({ found: { path, dataRoot, title: what, note } }, root) => {
      return { path, dataRoot, title: what, note, found: hits[root] ?? 0 };
    }),
    statuses,
    problems: problemsJson(session),
  };
}

const countNames: readonly (readonly [keyof Counts, string])[] = [
  ['entries', 'entries'],
  ['directories', 'directories'],
  ['files', 'files'],
  ['inlineFiles', 'files in the image'],
  ['backedFiles', 'files in objects'],
  ['emptyFiles', 'empty files'],
  ['symlinks', 'symlinks'],
  ['devices', 'devices'],
  ['fifos', 'FIFOs'],
  ['sockets', 'sockets'],
  ['whiteouts', 'whiteouts'],
  ['hardLinks', 'hard links'],
  ['objects', 'distinct objects'],
];

function describe(
  session: ImageSession,
  file: string,
  digest: string,
  stores: readonly AttachedStore[],
  hits: readonly number[],
): string {
  const { title, bytes, counts, facts, statuses } = session.info;
  const { problems, problemsOmitted } = session.image;
  const text = [
    line('image', file),
    line('kind', title),
    line('size', `${bytes} bytes (${formatBytes(bytes)})`),
    line('digest', digest),
    ...facts.map(({ label, value }) => line(label, value)),
    ...countNames.map(([key, name]) => line(name, String(counts[key]))),
    line('bytes of files', `${counts.apparentBytes} (${formatBytes(counts.apparentBytes)})`),
    line('bytes of objects', `${counts.objectBytes} (${formatBytes(counts.objectBytes)})`),
    ...stores.map(({ found }, root) =>
      line('store', `${found.dataRoot}: ${found.title}, ${hits[root] ?? 0} objects of it used`),
    ),
    ...verityStatuses
      .filter((status) => (statuses[status] ?? 0) > 0)
      .map((status) => line(`objects ${status}`, String(statuses[status]))),
  ];
  for (const { severity, code, entry, message, offset } of problems.slice(0, MAX_LISTED)) {
    const path = entry === undefined ? '' : `${pathOf(session.image.table, entry)}: `;
    text.push(line(severity, `${path}${message} (${code}, byte ${offset})`));
  }
  const more = problems.length - Math.min(problems.length, MAX_LISTED) + problemsOmitted;
  if (more > 0) text.push(line('problems', `${more} more`));
  else if (problems.length === 0) text.push(line('problems', 'none'));
  return text.join('');
}

const line = (name: string, value: string): string => `${`${name}:`.padEnd(20)}${value}\n`;
