import { digestBytes } from '../../../shared/tree/row.ts';
import { equalBytes, hexOfBytes } from '../../../shared/tree/text.ts';
import { Flag, S_IFMT, S_IFREG } from '../../../shared/tree/table.ts';
import { VerityDigester } from '../../../shared/verity/fs-verity.ts';
import { findContent } from '../../engine/content.ts';
import type { ImageSession } from '../../engine/image-session.ts';
import { nativeHash } from '../../kernel/native-hash.ts';
import { CliError, Status } from '../cli-error.ts';
import type { Command } from '../context.ts';
import { utf8Text } from '../json-text.ts';
import { reportProblems } from '../load-image.ts';
import { followPath } from '../lookup-path.ts';
import { ClosedPipe, OutputError } from '../output.ts';
import { wireError } from '../reporter.ts';
import { openSubject, storesFor } from '../session.ts';

/** JSON holds a content whole. */
const MAX_JSON = 64 << 20;

/** The content of files of one image, from the image itself or from a store. The first operand is the image, where --layers does not say it. */
export const cat: Command = async ({ out, reporter }, operands, options) => {
  const { json = false, store } = options;
  const subject = await openSubject(operands[0] ?? '', options, reporter);
  if (subject === undefined) return;
  const { file, session, beside } = subject;
  const { image } = session;
  const paths = options.layers === undefined ? operands.slice(1) : operands;
  // looked for when the first object is needed
  let roots: readonly string[] | undefined;
  const contents: Record<string, unknown>[] = [];
  for (const path of paths) {
    try {
      const entry = followPath(image, path);
      if (((image.table.flags[entry] ?? 0) & Flag.backed) !== 0) {
        roots ??= (await storesFor(session, store, reporter, beside)).map(({ found }) => found.dataRoot);
      }
      const parts: Uint8Array[] = [];
      let length = 0;
      await readWhole(session, entry, roots ?? [], (bytes) => {
        if (!json) {
          out.bytes(bytes);
          return;
        }
        length += bytes.length;
        if (length > MAX_JSON)
          throw new CliError(Status.input, 'limit', `the content has more than ${MAX_JSON} bytes, too many for JSON`);
        parts.push(bytes);
      });
      if (json) contents.push(contentJson(path, Buffer.concat(parts)));
      reportProblems(image, file, reporter, entry);
    } catch (error) {
      reporter.error(inImage(error, path), file);
    }
  }
  if (json) out.text(`${JSON.stringify({ image: file, files: contents })}\n`);
};

/** @throws CliError where there is no content, or other content than the image says: then what there is has been given */
async function readWhole(
  session: ImageSession,
  entry: number,
  roots: readonly string[],
  emit: (bytes: Uint8Array) => void,
): Promise<void> {
  const { table } = session.image;
  if (((table.mode[entry] ?? 0) & S_IFMT) !== S_IFREG) {
    throw new CliError(Status.input, 'not-a-file', 'not a regular file: it has no content');
  }
  const source = await findContent(session, entry, roots);
  const expected = digestBytes(table, entry);
  const algorithm = ((table.flags[entry] ?? 0) & Flag.sha512) === 0 ? 'sha256' : 'sha512';
  const digester = expected && new VerityDigester({ algorithm, hash: nativeHash(algorithm) });
  let size = 0;
  for await (const bytes of source.all(new AbortController().signal)) {
    size += bytes.length;
    digester?.update(bytes);
    emit(bytes);
  }
  if (size !== table.size[entry]) {
    const message = `the object has ${size} bytes, the image says ${table.size[entry] ?? 0}`;
    throw new CliError(Status.found, 'size-mismatch', message);
  }
  const digest = digester?.digest();
  if (digest && expected && !equalBytes(digest, expected)) {
    const message = `the object's digest is ${algorithm}:${hexOfBytes(digest)}, the image says ${hexOfBytes(expected)}`;
    throw new CliError(Status.found, 'digest-mismatch', message);
  }
}

function contentJson(path: string, bytes: Uint8Array): Record<string, unknown> {
  const text = utf8Text(bytes);
  return {
    path,
    size: bytes.length,
    ...(text === undefined ? { base64: Buffer.from(bytes).toString('base64') } : { text }),
  };
}

/** An error with the path inside the image that was asked for. */
function inImage(error: unknown, path: string): unknown {
  if (error instanceof ClosedPipe || error instanceof OutputError) return error;
  const { code, message, file, offset } = wireError(error);
  const status = error instanceof CliError ? error.status : Status.input;
  return new CliError(status, code, message, { ...(file === undefined ? {} : { file }), path, offset });
}
