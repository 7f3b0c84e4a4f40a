import { closeSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import type { DigestFinding, ExpectedDigest, SignatureReport } from '../../shared/contract/verify-values.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';
import type { AttachedStore } from '../engine/attached-store.ts';
import { UkiError } from '../../shared/store/uki.ts';
import { digestTextOf } from '../engine/digest-file.ts';
import { triageDigest } from '../engine/digest-triage.ts';
import { findExpectedDigests } from '../engine/expected-digest.ts';
import type { ImageSession } from '../engine/image-session.ts';
import { kernelHasVerity, measureVerity } from '../kernel/verity-ioctl.ts';
import { checkSignature } from '../engine/signature.ts';
import { CliError, Status } from './cli-error.ts';
import type { Options } from './context.ts';
import { STDIN } from './read-file.ts';
import type { Reporter } from './reporter.ts';

/** What is known of an image file as a whole. */
export interface ImageCheck {
  readonly algorithm: 'sha256' | 'sha512';
  /** Hex. */
  readonly digest: string;
  readonly expected: ExpectedDigest | undefined;
  /** What that is, where it is another one. */
  readonly finding: DigestFinding | undefined;
  readonly signature: SignatureReport | undefined;
  /** What mount.composefs with `digest=` says of the image file, where this kernel has fs-verity; undefined: nothing. */
  readonly sealNote: string | undefined;
  /** Neither the digest nor the signature is wrong, as far as any was given. */
  readonly isRight: boolean;
}

/** Holds an image's digest against the one that is expected: given, or found beside it; and against a signature. */
export async function imageCheck(
  image: { readonly session: ImageSession; readonly digest: string; readonly algorithm: 'sha256' | 'sha512' },
  stores: readonly AttachedStore[],
  { digest: given, signature: signaturePath, certificate = [] }: Options,
  reporter: Reporter,
): Promise<ImageCheck> {
  const { session, digest, algorithm } = image;
  const expected = given === undefined ? await found(session, reporter) : await typed(given);
  let signature: SignatureReport | undefined;
  if (signaturePath !== undefined) {
    if (certificate.length === 0) {
      throw new CliError(Status.usage, 'usage', '--signature needs the signer’s --certificate');
    }
    signature = await checkSignature({ signaturePath, certificatePaths: certificate, algorithm, digest });
  }
  const isRight =
    (expected === undefined || expected.digest === digest) && (signature === undefined || signature.verdict === 'good');
  const finding =
    expected === undefined || expected.digest === digest
      ? undefined
      : await triageDigest(
          session,
          expected,
          { others: [], dataRoots: stores.map(({ found: at }) => at.dataRoot) },
          {
            signal: new AbortController().signal,
            progress: (done, total) => reporter.progress(`measuring in other ways: ${done} of ${total ?? '?'} bytes`),
          },
        );
  return {
    algorithm,
    digest,
    expected,
    finding,
    signature,
    sealNote: sealNote(session.path, algorithm, digest),
    isRight,
  };
}

/** A mount that is given the digest asks the kernel for it, and computes nothing. */
function sealNote(path: string, algorithm: VerityAlgorithm, digest: string): string | undefined {
  if (path === STDIN || !kernelHasVerity()) return undefined;
  const fd = openSync(path, 'r');
  try {
    const measured = measureVerity(fd);
    if ('errno' in measured) {
      return `${path}: it is not sealed, and so a mount with digest= refuses it: “Image has no fs-verity”.`;
    }
    if (measured.algorithm === algorithm && hexOfBytes(measured.digest) === digest) return undefined;
    return `${path}: it is sealed with another digest, and so a mount with digest= refuses it: “Image has wrong fs-verity”.`;
  } finally {
    closeSync(fd);
  }
}

/** The digest that is expected of an image: given, or found beside it. @throws CliError where there is none */
export async function expectedDigest(
  session: ImageSession,
  given: string | undefined,
  reporter: Reporter,
): Promise<ExpectedDigest> {
  const expected = given === undefined ? await found(session, reporter) : await typed(given);
  if (expected !== undefined) return expected;
  throw new CliError(Status.usage, 'usage', 'nothing beside it says which digest is expected: give it with --digest');
}

/** What is given is a digest, or a file that says one: a UKI, or what has it in its first line. */
async function typed(text: string): Promise<ExpectedDigest> {
  const parsed = parseDigest(text);
  if (!('fault' in parsed)) return { ...parsed, source: '--digest', text };
  const said = await digestTextOf(text).catch((error: unknown) => {
    if (!(error instanceof UkiError)) throw error;
    throw new CliError(Status.input, 'digest', error.message, { file: text });
  });
  if (said === undefined) throw new CliError(Status.usage, 'usage', `--digest: ${parsed.fault}`);
  const inFile = parseDigest(said);
  if ('fault' in inFile) throw new CliError(Status.input, 'digest', inFile.fault, { file: text });
  return { ...inFile, source: basename(text), text: said };
}

async function found(session: ImageSession, reporter: Reporter): Promise<ExpectedDigest | undefined> {
  if (session.path === STDIN) return undefined;
  const { found: digests, problems } = await findExpectedDigests(session.path);
  for (const problem of problems) reporter.error(new CliError(Status.input, 'digest', problem));
  return digests[0];
}
