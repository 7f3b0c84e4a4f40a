import { createHash, verify as verifySignature, X509Certificate } from 'node:crypto';
import { fromBER } from 'asn1js';
import { ContentInfo, SignedData, type IssuerAndSerialNumber, type SignerInfo } from 'pkijs';
import type { SignatureReport, SignerFacts } from '../../shared/contract/verify-values.ts';
import { hexOfBytes } from '../../shared/tree/text.ts';
import { formattedDigest } from '../../shared/verity/formatted-digest.ts';
import type { VerityAlgorithm } from '../../shared/verity/fs-verity.ts';
import { readHead } from './stores/folder-listing.ts';
import { StoreError } from './stores/store-error.ts';

/** Linux include/linux/fsverity.h: FS_VERITY_MAX_SIGNATURE_SIZE. */
const MAX_SIGNATURE = 16_128;
const MAX_CERTIFICATES = 1 << 20;
const MAX_CHAIN = 16;

/** RFC 5652 and 5754, by number. */
const SIGNED_DATA = '1.2.840.113549.1.7.2';
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
const hashNames: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

export interface SignatureRequest {
  readonly signaturePath: string;
  /** PEM or DER, the signer's and maybe those above it. */
  readonly certificatePaths: readonly string[];
  readonly algorithm: VerityAlgorithm;
  /** The image's, as hex. */
  readonly digest: string;
  /** When certificates must be valid. */
  readonly at?: Date;
}

/** A signature or certificate that is not what it must be. */
class Malformed extends Error {
  override readonly name = 'Malformed';
}

/**
 * Checks a detached PKCS#7 signature over an image digest, as `fsverity sign` makes it and the kernel checks it: is it by
 * one of the certificates, and over this digest?
 *
 * @throws StoreError where a file cannot be read
 */
export async function checkSignature(request: SignatureRequest): Promise<SignatureReport> {
  const { signaturePath, certificatePaths, algorithm, digest, at = new Date() } = request;
  const base = { path: signaturePath, signer: undefined, chain: [], signedDigest: undefined, facts: [] };
  try {
    const { signer, sid } = parseSignature(await readWhole(signaturePath, MAX_SIGNATURE));
    const certificates: X509Certificate[] = [];
    for (const path of certificatePaths) {
      certificates.push(...parseCertificates(await readWhole(path, MAX_CERTIFICATES), path));
    }
    const certificate = certificates.find((one) => isOf(one, sid));
    const wanted = `serial number ${serialOf(sid)}`;
    if (certificate === undefined) {
      const sentence = `It was signed with a certificate of ${wanted}, which is not among those that were picked.`;
      return { ...base, verdict: 'unknown-signer', sentence };
    }
    const hash = hashNames[signer.digestAlgorithm.algorithmId];
    if (hash === undefined) throw new Malformed(`its hash ${signer.digestAlgorithm.algorithmId} is not known`);
    const facts = factsOf(certificate, at);
    const { chain, isComplete } = chainOf(certificate, certificates);
    const common = {
      ...base,
      signer: facts,
      chain: chain.map(({ subject }) => oneLine(subject)),
      facts: [{ label: 'Hash', value: hash }],
    };
    const name = oneLine(certificate.subject);
    const isGood = holds(signer, hash, certificate, formattedDigest(algorithm, Buffer.from(digest, 'hex')));
    if (!isGood) {
      const other = otherContent(signer, hash, certificate, algorithm, digest);
      const sentence = `It is not a signature of ${name} over this image’s digest${other === undefined ? '' : `, but over ${other}`}.`;
      return { ...common, verdict: 'wrong', sentence };
    }
    if (!facts.isValidNow) {
      const sentence = `It is right, but the certificate of ${name} is only valid from ${facts.notBefore} to ${facts.notAfter}.`;
      return { ...common, verdict: 'untrusted', sentence, signedDigest: digest };
    }
    if (!isComplete) {
      const sentence = `It is right, but the certificate of ${name} does not lead up to another one that was picked.`;
      return { ...common, verdict: 'untrusted', sentence, signedDigest: digest };
    }
    return {
      ...common,
      verdict: 'good',
      sentence: `It is a good signature of ${name} over this image’s digest.`,
      signedDigest: digest,
    };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ...base, verdict: 'malformed', sentence: `It cannot be checked: ${error.message}.` };
  }
}

async function readWhole(path: string, limit: number): Promise<Buffer> {
  const bytes = await readHead(path, limit + 1, { follow: true });
  if (bytes === undefined) throw new StoreError('ENOENT', path, `${path}: no such file`);
  if (bytes.length > limit) throw new Malformed(`${path} has more than ${limit} bytes`);
  return bytes;
}

/** PEM or DER as DER. */
function derOf(bytes: Buffer): Buffer {
  const pem = /-----BEGIN (?:PKCS7|CMS)-----([\s\S]*?)-----END/.exec(bytes.toString('latin1'))?.[1];
  return pem === undefined ? bytes : Buffer.from(pem, 'base64');
}

function parseSignature(bytes: Buffer): { readonly signer: SignerInfo; readonly sid: IssuerAndSerialNumber } {
  const der = derOf(bytes);
  const parsed = fromBER(new Uint8Array(der));
  if (parsed.offset === -1) throw new Malformed(`it is not DER (${parsed.result.error})`);
  let signed: SignedData;
  try {
    const info = new ContentInfo({ schema: parsed.result });
    if (info.contentType !== SIGNED_DATA) throw new Malformed(`it is of type ${info.contentType}, not signed data`);
    signed = new SignedData({ schema: info.content as unknown });
  } catch (error) {
    if (error instanceof Malformed) throw error;
    throw new Malformed('it is no PKCS#7 signed data');
  }
  if (signed.encapContentInfo.eContent !== undefined) throw new Malformed('it holds content; a detached one has none');
  const [signer, ...others] = signed.signerInfos;
  if (signer === undefined || others.length > 0)
    throw new Malformed(`it has ${signed.signerInfos.length} signers, not one`);
  const sid: unknown = signer.sid;
  if (typeof sid !== 'object' || sid === null || !('serialNumber' in sid)) {
    throw new Malformed('its signer is not told by issuer and serial number');
  }
  return { signer, sid: sid as IssuerAndSerialNumber };
}

function parseCertificates(bytes: Buffer, path: string): readonly X509Certificate[] {
  const text = bytes.toString('latin1');
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)].map(
    ([block]) => block,
  );
  try {
    return blocks.length > 0 ? blocks.map((block) => new X509Certificate(block)) : [new X509Certificate(bytes)];
  } catch {
    throw new Malformed(`${path} is no certificate (PEM or DER)`);
  }
}

const serialOf = ({ serialNumber }: IssuerAndSerialNumber): string =>
  hexOfBytes(new Uint8Array(serialNumber.valueBlock.valueHexView))
    .replace(/^(?:00)+(?=.)/, '')
    .toUpperCase();

/** As text: OpenSSL, below Node, writes it in capitals, BoringSSL, below Electron, does not. */
const serialOfCertificate = ({ serialNumber }: X509Certificate): string =>
  serialNumber.replace(/^(?:00)+(?=.)/, '').toUpperCase();

/** By serial number, and by the issuer's name in DER, which must be the same to the byte. */
function isOf(certificate: X509Certificate, sid: IssuerAndSerialNumber): boolean {
  if (serialOfCertificate(certificate) !== serialOf(sid)) return false;
  const issuer = Buffer.from(sid.issuer.toSchema().toBER(false));
  return certificate.raw.includes(issuer);
}

/** Whether the signature is by the certificate's key, over this content. */
function holds(signer: SignerInfo, hash: string, certificate: X509Certificate, content: Uint8Array): boolean {
  let signedBytes: Uint8Array = content;
  const attributes = signer.signedAttrs;
  if (attributes !== undefined) {
    const value: unknown = attributes.attributes.find(({ type }) => type === MESSAGE_DIGEST)?.values[0];
    const found = messageDigest(value);
    if (found === undefined || !found.equals(createHash(hash).update(content).digest())) return false;
    const encoded = Buffer.from(attributes.encodedValue);
    encoded[0] = 0x31; // a SET when it is signed (RFC 5652, section 5.4)
    signedBytes = encoded;
  }
  const signature = Buffer.from(signer.signature.valueBlock.valueHexView);
  try {
    return verifySignature(hash, signedBytes, certificate.publicKey, signature);
  } catch {
    return false; // a key of another kind than the signature
  }
}

function messageDigest(value: unknown): Buffer | undefined {
  if (typeof value !== 'object' || value === null || !('valueBlock' in value)) return undefined;
  const { valueHexView } = value.valueBlock as { readonly valueHexView?: Uint8Array };
  return valueHexView === undefined ? undefined : Buffer.from(valueHexView);
}

/** What else it may have been made over, in words. */
function otherContent(
  signer: SignerInfo,
  hash: string,
  certificate: X509Certificate,
  algorithm: VerityAlgorithm,
  digest: string,
): string | undefined {
  const raw = Buffer.from(digest, 'hex');
  const other = algorithm === 'sha256' ? 'sha512' : 'sha256';
  const candidates: readonly (readonly [string, Uint8Array])[] = [
    ['the bare bytes of the digest, without “FSVerity” in front', raw],
    ['the digest as text', Buffer.from(digest)],
    ['the digest as text with a newline', Buffer.from(`${digest}\n`)],
    [`the digest, named ${other}`, formattedDigest(other, raw)],
  ];
  return candidates.find(([, content]) => holds(signer, hash, certificate, content))?.[0];
}

function factsOf(certificate: X509Certificate, at: Date): SignerFacts {
  const { subject, issuer, serialNumber, validFrom, validTo } = certificate;
  const [from, to] = [new Date(validFrom), new Date(validTo)];
  return {
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    serial: serialNumber,
    notBefore: from.toISOString(),
    notAfter: to.toISOString(),
    isValidNow: from <= at && at <= to,
  };
}

/** Certificates from the signer's up. One that was picked alone is trusted by that. */
function chainOf(
  signer: X509Certificate,
  certificates: readonly X509Certificate[],
): { readonly chain: readonly X509Certificate[]; readonly isComplete: boolean } {
  const chain = [signer];
  for (let at = signer; chain.length < MAX_CHAIN;) {
    if (isIssued(at, at)) return { chain, isComplete: true };
    const above = certificates.find((one) => !chain.includes(one) && isIssued(at, one));
    if (above === undefined) break;
    chain.push(above);
    at = above;
  }
  return { chain, isComplete: chain.length > 1 || certificates.length === 1 };
}

const isIssued = (certificate: X509Certificate, by: X509Certificate): boolean =>
  certificate.checkIssued(by) && certificate.verify(by.publicKey);

/** Node puts each part of a name on a line of its own. */
const oneLine = (name: string): string => name.split('\n').join(', ');
