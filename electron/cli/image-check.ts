import type { ExpectedDigest, SignatureReport } from '../../shared/contract/verify-values.ts';
import { parseDigest } from '../../shared/verity/parse-digest.ts';
import { findExpectedDigests } from '../engine/expected-digest.ts';
import type { ImageSession } from '../engine/image-session.ts';
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
  readonly signature: SignatureReport | undefined;
  /** Neither the digest nor the signature is wrong, as far as any was given. */
  readonly isRight: boolean;
}

/** Holds an image's digest against the one that is expected: given, or found beside it; and against a signature. */
export async function imageCheck(
  image: { readonly session: ImageSession; readonly digest: string; readonly algorithm: 'sha256' | 'sha512' },
  { digest: given, signature: signaturePath, certificate = [] }: Options,
  reporter: Reporter,
): Promise<ImageCheck> {
  const { session, digest, algorithm } = image;
  const expected = given === undefined ? await found(session, reporter) : typed(given);
  let signature: SignatureReport | undefined;
  if (signaturePath !== undefined) {
    if (certificate.length === 0) {
      throw new CliError(Status.usage, 'usage', '--signature needs the signer’s --certificate');
    }
    signature = await checkSignature({ signaturePath, certificatePaths: certificate, algorithm, digest });
  }
  const isRight =
    (expected === undefined || expected.digest === digest) && (signature === undefined || signature.verdict === 'good');
  return { algorithm, digest, expected, signature, isRight };
}

function typed(text: string): ExpectedDigest {
  const parsed = parseDigest(text);
  if ('fault' in parsed) throw new CliError(Status.usage, 'usage', `--digest: ${parsed.fault}`);
  return { ...parsed, source: '--digest' };
}

async function found(session: ImageSession, reporter: Reporter): Promise<ExpectedDigest | undefined> {
  if (session.path === STDIN) return undefined;
  const { found: digests, problems } = await findExpectedDigests(session.path);
  for (const problem of problems) reporter.error(new CliError(Status.input, 'digest', problem));
  return digests[0];
}
