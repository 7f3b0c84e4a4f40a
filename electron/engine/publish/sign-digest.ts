import { createPrivateKey, sign, X509Certificate, type KeyObject } from 'node:crypto';
import { fromBER, Null, OctetString } from 'asn1js';
import {
  AlgorithmIdentifier,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignedData,
  SignerInfo,
} from 'pkijs';
import { formattedDigest } from '../../../shared/verity/formatted-digest.ts';
import { readHead } from '../stores/folder-listing.ts';
import { errnoOf, StoreError } from '../stores/store-error.ts';

/** RFC 5652, 5754, 8017 and 5758, by number. */
const DATA = '1.2.840.113549.1.7.1';
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const SHA256 = '2.16.840.1.101.3.4.2.1';
const RSA = '1.2.840.113549.1.1.1';
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';

/** Who signs. The key is in memory for as long as this is, and nowhere else. */
export interface Signer {
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

/** A private key that is encrypted: with no passphrase, or with one that is not its own. */
export class PassphraseError extends StoreError {
  constructor(path: string, isWrong: boolean) {
    super('EKEYREJECTED', path, isWrong ? `the passphrase does not open ${path}` : `${path} has a passphrase`);
  }
}

/**
 * @param keyPath PEM
 * @param certificatePath PEM or DER
 * @param passphrase of a key that is encrypted; it is not kept
 * @throws StoreError where one cannot be read, or they do not belong together; PassphraseError
 */
export async function readSigner(keyPath: string, certificatePath: string, passphrase?: string): Promise<Signer> {
  const key = await read(keyPath, 'a private key in PEM', (bytes) => parseKey(bytes, keyPath, passphrase));
  const certificate = await read(certificatePath, 'a certificate', (bytes) => new X509Certificate(bytes));
  if (!certificate.checkPrivateKey(key)) {
    throw new StoreError('EINVAL', keyPath, `${keyPath} is not the key of the certificate ${certificatePath}`);
  }
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec') {
    const type = key.asymmetricKeyType ?? 'unknown';
    throw new StoreError(
      'EINVAL',
      keyPath,
      `${keyPath} is a key of type ${type}: RSA and ECDSA are what verifiers know`,
    );
  }
  return { key, certificate };
}

/** PKCS#8 says that it is encrypted in its first line, the older formats in a header (RFC 7468, RFC 1421). */
const encrypted = /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

function parseKey(bytes: Buffer, path: string, passphrase: string | undefined): KeyObject {
  const isEncrypted = encrypted.test(bytes.toString('latin1'));
  if (isEncrypted && passphrase === undefined) throw new PassphraseError(path, false);
  try {
    return createPrivateKey({ key: bytes, ...(isEncrypted && { passphrase }) });
  } catch (error) {
    if (!isEncrypted) throw error;
    throw new PassphraseError(path, true);
  }
}

/** PEM is small. */
const MAX_PEM = 1 << 20;

async function read<T>(path: string, what: string, parse: (bytes: Buffer) => T): Promise<T> {
  const bytes = await readHead(path, MAX_PEM, { follow: true });
  if (bytes === undefined) throw new StoreError('ENOENT', path, `${path}: no such file (ENOENT)`);
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError(errnoOf(error), path, `${path} is not ${what}: ${(error as Error).message}`, error);
  } finally {
    bytes.fill(0);
  }
}

const withNull = (id: string): AlgorithmIdentifier =>
  new AlgorithmIdentifier({ algorithmId: id, algorithmParams: new Null() });

/**
 * A detached PKCS#7 signature over an image digest, as `fsverity sign` makes it and the kernel checks it: no content, no
 * certificates, no signed attributes.
 *
 * @param digest SHA-256, hex
 * @returns DER
 * @see spec of fsverity-utils, lib/sign_digest.c; Linux Documentation/filesystems/fsverity.rst, "Built-in signature"
 */
export function signDigest(digest: string, { key, certificate }: Signer): Uint8Array {
  const formatted = formattedDigest('sha256', Buffer.from(digest, 'hex'));
  const parsed = new Certificate({ schema: fromBER(new Uint8Array(certificate.raw)).result });
  const isRsa = key.asymmetricKeyType === 'rsa';
  const signed = new SignedData({
    version: 1,
    digestAlgorithms: [withNull(SHA256)],
    encapContentInfo: new EncapsulatedContentInfo({ eContentType: DATA }),
    signerInfos: [
      new SignerInfo({
        version: 1,
        sid: new IssuerAndSerialNumber({ issuer: parsed.issuer, serialNumber: parsed.serialNumber }),
        digestAlgorithm: withNull(SHA256),
        signatureAlgorithm: isRsa ? withNull(RSA) : new AlgorithmIdentifier({ algorithmId: ECDSA_SHA256 }),
        signature: new OctetString({ valueHex: new Uint8Array(sign('sha256', formatted, key)).buffer }),
      }),
    ],
  });
  const info = new ContentInfo({ contentType: SIGNED_DATA, content: signed.toSchema(true) });
  return new Uint8Array(info.toSchema().toBER(false));
}
