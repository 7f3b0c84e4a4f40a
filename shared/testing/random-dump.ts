import type { Random } from './random.ts';

const SIZES = [1, 64, 2047, 2048, 2049, 4095, 4096, 4097, 5000];
const SMALL_SIZES = [1, 3, 32, 64, 500, 511, 512];
const BACKED = [1, 4096, 4097, 2 ** 32 - 1, 2 ** 32, 2 ** 43, 2 ** 43 + 1, 2 ** 52, 9_005_000_000_000_000, 2 ** 53];
const TARGETS = [1, 20, 1000, 4000, 4031, 4032, 4064, 4095];
const SHORT_TARGETS = [1, 20, 31, 32, 500, 1000, 1024];
const VALUES = ['v', '', '\\x00\\xff', 'x'.repeat(300), 'other', 'y'];
const NAMES = [
  'user.a',
  'user.',
  'user.overlay.opaque',
  'user.overlay.whiteout',
  'user.overlay.whiteouts',
  'trusted.overlay.opaque',
  'trusted.overlay.redirect',
  'trusted.t',
  'security.selinux',
  'security.capability',
  'system.posix_acl_access',
  'system.posix_acl_default',
  'lustre.lov',
  'odd',
];
const TIMES = ['0.0', '0.0', '0.5', '-7.999999999', '1700000000.0', '9007199254740993.1', '-9223372036854775808.0'];

/**
 * A dump that mkcomposefs takes, with all that its layout rules look at: sizes, names and lists at their edges.
 *
 * @param digits of digests; given: what composefs-rs takes, in format 2 too
 */
export function randomDump(random: Random, digits?: 64 | 128): string {
  return new Dump(random, digits).text();
}

class Dump {
  readonly #random: Random;
  readonly #lines: string[] = [];
  readonly #files: string[] = [];
  #serial = 0;
  /** Names such as the root's stubs have. */
  readonly #digits = new Set<string>();
  /** Most of a tree has one time, so that inodes are compact. */
  readonly #hasTimes: boolean;
  readonly #xattrChance: number;
  readonly #rust: 64 | 128 | undefined;

  constructor(random: Random, rust: 64 | 128 | undefined) {
    this.#random = random;
    this.#rust = rust;
    this.#hasTimes = random.chance(0.5);
    this.#xattrChance = random.pick([0, 0.1, 0.7]);
  }

  text(): string {
    this.#line('/', 0, 0o40755, '-', '-', '-');
    this.#directory('', 0);
    return `${this.#lines.join('\n')}\n`;
  }

  #directory(path: string, depth: number): void {
    const random = this.#random;
    const count = random.chance(0.1) ? 100 + random.int(300) : random.int(9);
    for (let child = 0; child < count; child += 1) {
      const name = this.#name();
      const at = `${path}/${name}`;
      if (depth < 4 && random.chance(count > 50 ? 0.02 : 0.3)) {
        this.#line(at, random.int(9), 0o40000 | random.int(0o10000), '-', '-', '-');
        this.#directory(at, depth + 1);
      } else this.#leaf(at);
    }
  }

  /** No two are equal, whatever is in front of the number. */
  #name(): string {
    const random = this.#random;
    const digits = random.int(256).toString(16).padStart(2, '0');
    if (random.chance(0.2) && !this.#digits.has(digits)) {
      this.#digits.add(digits);
      return digits;
    }
    const start = random.pick(['', 'n', '!', '-', '.', '..', '.!', '.-', 'z\\xff', '\\x20', 'N'.repeat(200), 'name']);
    this.#serial += 1;
    return `${start}_${this.#serial}`;
  }

  #leaf(path: string): void {
    const random = this.#random;
    const bits = random.int(0o10000);
    switch (random.int(10)) {
      case 0: {
        const length = random.pick(this.#rust === undefined ? TARGETS : SHORT_TARGETS);
        this.#line(path, length, 0o120000 | bits, 't'.repeat(length), '-', '-');
        break;
      }
      case 1: {
        const rdev = random.pick([0, 0, 259, 4_294_967_295]);
        this.#line(path, 0, 0o20000 | bits, '-', '-', '-', rdev);
        if (rdev === 0 && this.#rust !== undefined) return; // to which it takes no links
        break;
      }
      case 2:
        this.#line(path, 0, random.pick([0o60000, 0o10000, 0o140000]) | bits, '-', '-', '-');
        break;
      case 3: {
        const target = this.#files.length > 0 ? random.pick(this.#files) : undefined;
        if (target === undefined) this.#line(path, 0, 0o100000 | bits, '-', '-', '-');
        else this.#lines.push(`${path} 0 @100644 2 0 0 0 0.0 ${target} - -`);
        return;
      }
      case 4:
      case 5: {
        const size = random.pick(this.#rust === undefined ? SIZES : SMALL_SIZES);
        this.#line(
          path,
          size,
          0o100000 | bits,
          '-',
          random.pick(['c', '-', '.']).repeat(size).replace(/^-$/, '\\x2d'),
          '-',
        );
        break;
      }
      case 6:
        this.#line(path, 0, 0o100000 | bits, '-', '-', '-');
        break;
      default: {
        const digest = random
          .int(30)
          .toString(16)
          .padStart(2, '0')
          .repeat((this.#rust ?? 64) / 2);
        const object = `${digest.slice(0, 2)}/${digest.slice(2)}`;
        const size = random.pick(BACKED);
        if (this.#rust !== undefined) this.#line(path, size, 0o100000 | bits, object, '-', digest);
        else {
          const payload = random.pick([object, 'a/b', '-']);
          this.#line(path, size, 0o100000 | bits, payload, '-', random.pick([digest, digest, '-']));
        }
      }
    }
    this.#files.push(path);
  }

  #line(path: string, size: number, mode: number, payload: string, content: string, digest: string, rdev = 0): void {
    const random = this.#random;
    const owner = random.pick([0, 0, 0, 65_535, 65_536, 4_294_967_295]);
    const time = this.#hasTimes ? random.pick(TIMES) : '3.0';
    const xattrs: string[] = [];
    if (random.chance(this.#xattrChance)) {
      const names = NAMES.filter(() => random.chance(0.25));
      if (random.chance(0.02)) names.push(...Array.from({ length: 140 }, (_, n) => `user.many${n}`));
      for (const name of names) {
        // 1.0.8 may fail to write where it replaces a long value by its own (ERANGE: its count of bytes falls below 0)
        const value = name.includes('overlay.') ? random.pick(['', 'x']) : random.pick(VALUES);
        xattrs.push(` ${name}=${value}`);
      }
    }
    const links = random.pick([1, 1, 2, 65_536]);
    const fields = [
      path,
      size,
      mode.toString(8),
      links,
      owner,
      random.pick([0, 100]),
      rdev,
      time,
      payload,
      content,
      digest,
    ];
    this.#lines.push(`${fields.join(' ')}${xattrs.join('')}`);
  }
}
