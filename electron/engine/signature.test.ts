import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkSignature } from './signature.ts';

const at = (name: string): string => join(import.meta.dirname, 'testdata', 'signatures', name);
const digest = readFileSync(at('digest'), 'latin1').trim();
const temp = mkdtempSync(join(tmpdir(), 'composcope-signature-'));
afterAll(() => rmSync(temp, { recursive: true }));

const check = (signature: string, certificates: readonly string[], of = digest, now = new Date('2030-01-01')) =>
  checkSignature({
    signaturePath: signature.includes('/') ? signature : at(signature),
    certificatePaths: certificates.map(at),
    algorithm: 'sha256',
    digest: of,
    at: now,
  });

test.each([
  ['rsa.sig', ['rsa.pem']],
  ['ec.sig', ['ec.pem']],
  ['attributes.sig', ['rsa.pem']],
  ['rsa.sig', ['ec.pem', 'rsa.pem']],
])('%s is good with %s', async (signature, certificates) => {
  expect(await check(signature, certificates)).toMatchObject({
    verdict: 'good',
    signedDigest: digest,
    signer: { isValidNow: true },
  });
});

test('a chain is shown from the signer up; without what is above it nobody vouches for it', async () => {
  const whole = await check('leaf.sig', ['root.pem', 'leaf.pem', 'intermediate.pem']);
  expect(whole).toMatchObject({
    verdict: 'good',
    chain: ['CN=leaf', 'CN=intermediate', 'CN=root, O=Composcope tests'],
  });
  expect(await check('leaf.sig', ['leaf.pem'])).toMatchObject({ verdict: 'good', chain: ['CN=leaf'] });
  expect(await check('leaf.sig', ['leaf.pem', 'root.pem'])).toMatchObject({ verdict: 'untrusted' });
});

test('one over another digest is wrong, and so is one whose bytes are damaged', async () => {
  expect(await check('rsa.sig', ['rsa.pem'], digest.replace(/^./, '0'))).toMatchObject({ verdict: 'wrong' });
  const bytes = readFileSync(at('rsa.sig'));
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1;
  writeFileSync(join(temp, 'damaged.sig'), bytes);
  expect(await check(join(temp, 'damaged.sig'), ['rsa.pem'])).toMatchObject({
    verdict: 'wrong',
    signedDigest: undefined,
  });
});

test('what it was made over is said where it can be told', async () => {
  const { verdict, sentence } = await check('text.sig', ['rsa.pem']);
  expect(verdict).toBe('wrong');
  expect(sentence).toContain('over the digest as text with a newline');
});

test('a certificate that was not picked is named by its serial number', async () => {
  const { verdict, sentence } = await check('rsa.sig', ['ec.pem']);
  expect(verdict).toBe('unknown-signer');
  expect(sentence).toMatch(/serial number [0-9A-F]+/);
});

test('a certificate that is not valid at the time', async () => {
  expect(await check('expired.sig', ['expired.pem'], digest, new Date('2120-01-01'))).toMatchObject({
    verdict: 'untrusted',
    signer: { isValidNow: false },
  });
});

test('content in it, a cut, or no DER at all is malformed', async () => {
  expect(await check('attached.sig', ['rsa.pem'])).toMatchObject({ verdict: 'malformed' });
  const bytes = readFileSync(at('ec.sig'));
  for (let length = 0; length < bytes.length; length += 7) {
    writeFileSync(join(temp, 'cut.sig'), bytes.subarray(0, length));
    expect(await check(join(temp, 'cut.sig'), ['ec.pem'])).toMatchObject({ verdict: 'malformed' });
  }
  expect(await check('digest', ['rsa.pem'])).toMatchObject({ verdict: 'malformed' });
  expect(await check('rsa.sig', ['digest'])).toMatchObject({ verdict: 'malformed' });
});
