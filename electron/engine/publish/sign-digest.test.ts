import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formattedDigest } from '../../../shared/verity/formatted-digest.ts';
import { checkSignature } from '../signature.ts';
import { readSigner, signDigest } from './sign-digest.ts';

const digest = 'b0d074abef4d544404facfab6ba242f6a8ccbde90f1325cd286f3c8aa8d0f8aa';
const kinds = { rsa: ['rsa:2048'], ec: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] } as const;
let folder: string;
const at = (name: string): string => join(folder, name);

function openssl(...args: string[]): { readonly status: number | null; readonly text: string } {
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return { status, text: `${stdout}${stderr}` };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'composcope-sign-'));
  for (const [name, how] of Object.entries(kinds)) {
    const subject = ['-subj', `/CN=${name}/O=Composcope tests`, '-days', '100'];
    openssl(
      'req',
      '-x509',
      '-newkey',
      ...how,
      '-nodes',
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.pem`),
      ...subject,
    );
  }
  writeFileSync(at('formatted'), formattedDigest('sha256', Buffer.from(digest, 'hex')));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['rsa', 'ec'])('a signature with a key of kind %s', (name) => {
  const signature = async (): Promise<string> => {
    const signer = await readSigner(at(`${name}.key`), at(`${name}.pem`));
    writeFileSync(at(`${name}.sig`), signDigest(digest, signer));
    return at(`${name}.sig`);
  };

  it('is good for what checks signatures here, and not over another digest', async () => {
    const request = {
      signaturePath: await signature(),
      certificatePaths: [at(`${name}.pem`)],
      algorithm: 'sha256',
    } as const;
    expect(await checkSignature({ ...request, digest })).toMatchObject({ verdict: 'good' });
    expect(await checkSignature({ ...request, digest: digest.replace('b0', 'b1') })).toMatchObject({
      verdict: 'wrong',
    });
  });

  it('is good for OpenSSL', async () => {
    const common = ['-verify', '-inform', 'DER', '-in', await signature(), '-binary', '-certfile', at(`${name}.pem`)];
    const good = openssl('smime', ...common, '-content', at('formatted'), '-noverify', '-out', '/dev/null');
    expect(good.text).toContain('success');
    expect(good.status).toBe(0);
    writeFileSync(at('other'), 'FSVerity of something else');
    expect(openssl('smime', ...common, '-content', at('other'), '-noverify', '-out', '/dev/null').status).not.toBe(0);
  });
});

it('is, with RSA, byte for byte what OpenSSL makes in the way of fsverity sign', async () => {
  const how = ['-binary', '-signer', at('rsa.pem'), '-inkey', at('rsa.key'), '-noattr', '-nocerts', '-md', 'sha256'];
  const made = openssl('smime', '-sign', '-in', at('formatted'), ...how, '-outform', 'DER', '-out', at('openssl.sig'));
  expect(made.status).toBe(0);
  const signer = await readSigner(at('rsa.key'), at('rsa.pem'));
  expect(Buffer.from(signDigest(digest, signer)).equals(readFileSync(at('openssl.sig')))).toBe(true);
});

it('is refused where key and certificate do not belong together, or are none', async () => {
  await expect(readSigner(at('rsa.key'), at('ec.pem'))).rejects.toThrow('is not the key of the certificate');
  await expect(readSigner(at('rsa.pem'), at('rsa.pem'))).rejects.toThrow('is not a private key in PEM');
  await expect(readSigner(at('none'), at('rsa.pem'))).rejects.toThrow('no such file');
});

it.each([
  ['PKCS#8', ['pkcs8', '-topk8', '-v2', 'aes-256-cbc']],
  ['the older format', ['rsa', '-aes256', '-traditional']],
])('opens a key that is encrypted as %s with its passphrase, and tells a wrong one from none', async (name, how) => {
  const key = at(`${how[0] ?? name}.encrypted`);
  const made = openssl(...how, '-in', at('rsa.key'), '-out', key, '-passout', 'pass:open it');
  expect(made.status).toBe(0);
  await expect(readSigner(key, at('rsa.pem'))).rejects.toThrow('has a passphrase');
  await expect(readSigner(key, at('rsa.pem'), 'wrong')).rejects.toThrow('the passphrase does not open');
  const signer = await readSigner(key, at('rsa.pem'), 'open it');
  const plain = await readSigner(at('rsa.key'), at('rsa.pem'));
  expect(Buffer.from(signDigest(digest, signer)).equals(Buffer.from(signDigest(digest, plain)))).toBe(true);
});
