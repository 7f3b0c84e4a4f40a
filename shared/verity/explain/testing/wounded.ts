import { createHash } from 'node:crypto';
import type { VerityStatus } from '../../../contract/status.ts';
import type { Explanation } from '../../../contract/verify-values.ts';
import { hexOfBytes } from '../../../tree/text.ts';
import { fsVerityDigest, hashBlocks, VerityDigester, type VerityAlgorithm } from '../../fs-verity.ts';
import { judge } from '../../judge.ts';
import {
  isFinding,
  type Evidence,
  type FoundFile,
  type ImageSurvey,
  type NamedObject,
  type Rule,
  type Seal,
} from '../evidence.ts';
import { explain } from '../explain.ts';

const hashOf =
  (algorithm: VerityAlgorithm) =>
  (input: Uint8Array, output: Uint8Array, at: number): void =>
    output.set(createHash(algorithm).update(input).digest(), at);

/** fs-verity digest as hex. */
export const verityOf = (
  bytes: Uint8Array,
  algorithm: VerityAlgorithm = 'sha256',
  parameters: { readonly blockSize?: number; readonly salt?: Uint8Array } = {},
): string => hexOfBytes(fsVerityDigest(bytes, { algorithm, hash: hashOf(algorithm), ...parameters }));

export interface Case {
  /** The content that the image was made of. */
  readonly right: Uint8Array;
  /** What lies there now; undefined: nothing. */
  readonly found: Uint8Array | undefined;
  /** Whether another store has the right content. */
  readonly copy?: boolean;
  readonly digest?: string;
  readonly size?: number;
  readonly redirect?: string;
  readonly algorithm?: VerityAlgorithm;
  readonly seal?: Seal;
  /** Reading fails at this byte with EIO. */
  readonly damagedAt?: number;
  readonly status?: VerityStatus;
  readonly errno?: string;
  readonly others?: readonly { readonly content: Uint8Array; readonly name: NamedObject }[];
  /** Names of files in the store. */
  readonly names?: readonly string[];
  readonly survey?: ImageSurvey;
  readonly passLimit?: number;
}

class Damage extends Error {}

const range = (bytes: Uint8Array, offset: number, length: number): Uint8Array => bytes.slice(offset, offset + length);

/** Everything about a bad object that lies in memory: nothing is asserted that was not computed from its bytes. */
export function wounded(given: Case): Evidence {
  const { right, found, algorithm = 'sha256', passLimit = 2 ** 30 } = given;
  const digest = given.digest ?? verityOf(right, algorithm);
  const redirect = given.redirect ?? `${digest.slice(0, 2)}/${digest.slice(2)}`;
  const expected = { algorithm, digest, size: given.size ?? right.length, redirect };
  const file: FoundFile | undefined = found && {
    path: `/store/${redirect}`,
    size: found.length,
    mtimeMs: 0,
    seal: given.seal,
  };
  const status =
    given.status ??
    (found === undefined
      ? 'missing'
      : judge(
          { size: expected.size, algorithm, digest: Buffer.from(digest, 'hex') },
          {
            size: found.length,
            digest: Buffer.from(verityOf(found, algorithm), 'hex'),
            seal: given.seal && { ...given.seal, digest: Buffer.from(given.seal.digest, 'hex') },
            kernelSeals: false,
          },
        ));
  let failedAt: number | undefined;
  // pieces of odd sizes: a change that works on whole chunks alone would show
  const chunks = async function* chunks(): AsyncGenerator<Uint8Array, void, void> {
    const bytes = found ?? new Uint8Array(0);
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 8191) {
      if (given.damagedAt !== undefined && at + size > given.damagedAt) {
        failedAt = given.damagedAt;
        throw new Damage();
      }
      yield bytes.subarray(at, at + size);
    }
  };
  const all = async (): Promise<Uint8Array | undefined> => {
    const parts: Uint8Array[] = [];
    try {
      for await (const part of chunks()) parts.push(part);
    } catch (error) {
      if (error instanceof Damage) return undefined;
      throw error;
    }
    return Buffer.concat(parts);
  };
  const blocks = (bytes: Uint8Array): Uint8Array => hashBlocks(bytes, { algorithm, hash: hashOf(algorithm) });
  const copy = given.copy === true ? { path: `/other/${redirect}`, where: 'store “other”' } : undefined;
  return {
    status,
    expected,
    found: file,
    errno: given.errno ?? (found === undefined ? 'ENOENT' : undefined),
    reason: given.errno === undefined ? undefined : `/store/${redirect}: ${given.errno}`,
    content: async () => {
      const bytes = found && (await all());
      if (bytes === undefined) return undefined;
      return {
        size: bytes.length,
        verity: { sha256: verityOf(bytes), sha512: verityOf(bytes, 'sha512') },
        plain: {
          sha256: createHash('sha256').update(bytes).digest('hex'),
          sha512: createHash('sha512').update(bytes).digest('hex'),
        },
        ofExpectedSize:
          bytes.length > expected.size ? verityOf(bytes.subarray(0, expected.size), algorithm) : undefined,
        zeroFrom: bytes.findLastIndex((byte) => byte !== 0) + 1,
        head: bytes.subarray(0, 65_536),
        blockHashes: blocks(bytes),
      };
    },
    readFailure: () => (failedAt === undefined ? undefined : { errno: 'EIO', offset: failedAt }),
    measureChanged: async (change, limit) => {
      const digester = new VerityDigester({ algorithm, hash: hashOf(algorithm) });
      let size = 0;
      for await (const chunk of change(chunks())) {
        size += chunk.length;
        if (size > limit) return undefined;
        digester.update(chunk);
      }
      return hexOfBytes(digester.digest());
    },
    measureWith: async (parameters) =>
      parameters.map((one) =>
        verityOf(found ?? new Uint8Array(0), one.algorithm, {
          blockSize: one.blockSize,
          salt: Buffer.from(one.salt, 'hex'),
        }),
      ),
    passLimit,
    objectsOfDigest: (hex) =>
      (given.others ?? []).filter(({ content }) => verityOf(content, algorithm) === hex).map(({ name }) => name),
    goodCopy: async () =>
      copy && { ...copy, readBlock: async (offset: number, length: number) => range(right, offset, length) },
    goodHashes: async () => copy && blocks(right),
    readBlock: async (offset, length) => range(found ?? new Uint8Array(0), offset, length),
    existing: async (names) =>
      names.filter((name) => given.names?.includes(name)).map((name) => ({ name, path: `/store/${name}` })),
    survey: given.survey,
  };
}

/** What one rule says of a case: `certain`, …, or `ruled out`, `not tried`, `not asked`. */
export async function ask(rule: Rule, given: Case): Promise<{ readonly says: string; readonly sentence: string }> {
  const outcome = await rule.examine(wounded(given));
  if (outcome === undefined) return { says: 'not asked', sentence: '' };
  if (isFinding(outcome)) return { says: outcome.certainty, sentence: outcome.sentence };
  if (outcome.ruledOut !== undefined) return { says: 'ruled out', sentence: outcome.ruledOut };
  return { says: 'not tried', sentence: outcome.notTried ?? '' };
}

export const explainCase = (given: Case): Promise<Explanation> => explain(wounded(given));
