import { describe, expect, it } from 'vitest';
import { badStatuses, verityStatuses, type VerityStatus } from '../../contract/status.ts';
import { Random } from '../../testing/random.ts';
import { randomTree } from '../../testing/random-tree.ts';
import { backed, block, broken, char, dir, fifo, file, imageOf, symlink } from '../../testing/table-of.ts';
import { kindOf } from '../format.ts';
import type { Image } from '../image.ts';
import { pathOf } from '../path.ts';
import { digestBytes, redirectBytes } from '../row.ts';
import { symlinkTarget } from '../symlink.ts';
import { Flag, nameBytes } from '../table.ts';
import { displayBytes, hexOfBytes } from '../text.ts';
import type { TreeContext } from './condition.ts';
import { filterEntries } from './filter.ts';
import { escapeFilterText } from './lex.ts';
import { parseFilter } from './parse.ts';

const image = imageOf(
  dir(
    {
      'My File': file({ content: 'x' }),
      '-rf': file(),
      'a:b': file({ mtime: 1_704_067_199, nsec: 999_999_999 }), // 2023-12-31T23:59:59.999999999Z
      'a\\\\b': file({ mtime: 1_704_067_200 }), // 2024-01-01
      'b\\xffr': file({ mtime: 1_704_153_600, nsec: 1 }), // 2024-01-02
      bin: symlink('usr/bin'),
      dev: dir({ loop: block(0x700), null: char(0x103), gone: char(0), pipe: fifo() }, { mode: 0o1777 }),
      OR: file({ size: 1024, redirect: 'x' }),
      usr: dir({
        bin: dir({
          bash: backed(0xabc, 1_400_000, { mode: 0o755 }),
          passwd: backed(0xdef, 60_000, { mode: 0o4755, xattrs: { 'security.selinux': 'passwd_exec_t\\x00' } }),
          'größe.txt': file({ mode: 0o666, uid: 1000, gid: 5, nlink: 3, xattrs: { 'user.note': 'a=b' } }),
        }),
        lib: dir({ 'libc.so': backed(1, 2_000_000), 'libc.so.6': symlink('libc.so'), empty: dir() }),
      }),
      wreck: broken(),
    },
    { uid: 0, gid: 0 },
  ),
);

const statusOf = (entry: number): VerityStatus | undefined => {
  const name = displayBytes(nameBytes(image.table, entry));
  return name === 'bash' ? 'missing' : name === 'passwd' ? 'ok' : name === 'My File' ? 'inline' : undefined;
};

function find(text: string, context: TreeContext = { image, statusOf }): string[] {
  const { matches, fault } = { matches: undefined, ...filterEntries(text, context) };
  if (fault !== undefined) throw new Error(`${fault.from}–${fault.to}: ${fault.message}`);
  const found: string[] = [];
  for (let entry = 0; entry < context.image.table.count; entry += 1) {
    if (matches?.has(entry) === true) found.push(pathOf(context.image.table, entry));
  }
  return found;
}

describe('a filter finds', () => {
  it.each<[string, string[]]>([
    // free text
    ['PASS', ['/usr/bin/passwd']],
    ['libc 6', ['/usr/lib/libc.so.6']],
    ['libc -6', ['/usr/lib/libc.so']],
    ['libc !6', ['/usr/lib/libc.so']],
    ['"y f"', ['/My File']],
    ['y\\ f', ['/My File']],
    ['"-rf"', ['/-rf']],
    ['\\-rf', ['/-rf']],
    ['"a:b"', ['/a:b']],
    ['a\\:b', ['/a:b']],
    ['a\\\\b', ['/a\\\\b']],
    ['\\xff', ['/b\\xffr']],
    ['b?r', ['/b\\xffr']],
    ['gr??e.txt', ['/usr/bin/größe.txt']],
    ['größe', ['/usr/bin/größe.txt']],
    ['libc*', ['/usr/lib/libc.so', '/usr/lib/libc.so.6']],
    ['*.so', ['/usr/lib/libc.so']],
    ['=bin', ['/bin', '/usr/bin']],
    ['=BIN', []],
    ['bash|passwd', ['/usr/bin/bash', '/usr/bin/passwd']],
    ['bash OR passwd', ['/usr/bin/bash', '/usr/bin/passwd']],
    ['bash | passwd', ['/usr/bin/bash', '/usr/bin/passwd']],
    ['usr bash OR passwd', []],
    ['path:/usr bash OR passwd -bash', ['/usr/bin/passwd']],
    ['"OR"', ['/OR']],
    ['or', ['/OR']],
    ['"*"', []],
    ['r/lib/libc', ['/usr/lib/libc.so', '/usr/lib/libc.so.6']],
    ['usr/bin', ['/usr/bin', '/usr/bin/bash', '/usr/bin/größe.txt', '/usr/bin/passwd']],
    ['bin/*', ['/usr/bin/bash', '/usr/bin/größe.txt', '/usr/bin/passwd']],
    ['=/usr/bin', ['/usr/bin']],
    // name and path
    ['name:bas', ['/usr/bin/bash']],
    ['Name:*SO', ['/usr/lib/libc.so']],
    ['name:=libc.so', ['/usr/lib/libc.so']],
    ['name:"my file"', ['/My File']],
    ['name:my"*"', []],
    ['path:bin/BA', ['/usr/bin/bash']],
    ['path:/usr/l', ['/usr/lib', '/usr/lib/empty', '/usr/lib/libc.so', '/usr/lib/libc.so.6']],
    ['path:/usr/lib/', ['/usr/lib/empty', '/usr/lib/libc.so', '/usr/lib/libc.so.6']],
    ['path:/bin', ['/bin']],
    ['path:/*/bin', ['/usr/bin']],
    ['path:/**/bin', ['/bin', '/usr/bin']],
    ['path:/usr/**', find('path:/usr/')],
    ['path:/usr/**/*.so', ['/usr/lib/libc.so']],
    ['path:lib/*.s?', ['/usr/lib/libc.so']],
    ['path:/usr/lib*', ['/usr/lib']],
    ['path:=usr/lib', ['/usr/lib']],
    ['path:=/USR', []],
    // kinds
    ['type:symlink', ['/bin', '/usr/lib/libc.so.6']],
    ['type:char', ['/dev/null']],
    ['type:device', ['/dev/loop', '/dev/null']],
    ['type:whiteout', ['/dev/gone']],
    ['type:FIFO|block', ['/dev/loop', '/dev/pipe']],
    ['type:dir -path:/usr', ['/', '/dev']],
    ['type:inline', ['/My File']],
    ['type:backed', ['/OR', '/usr/bin/bash', '/usr/bin/passwd', '/usr/lib/libc.so']],
    ['type:broken', ['/wreck']],
    ['type:empty type:dir', ['/usr/lib/empty']],
    // sizes
    ['size:>1M', ['/usr/bin/bash', '/usr/lib/libc.so']],
    ['size:>=2MB', ['/usr/lib/libc.so']],
    ['size:>2MB', []],
    ['size:1k', ['/OR']],
    ['size:1KiB', ['/OR']],
    ['size:1KB', []],
    ['size:=1024B', ['/OR']],
    ['size:1K..58.6K', ['/OR', '/usr/bin/passwd']],
    ['size:58.6K..', ['/usr/bin/bash', '/usr/lib/libc.so']],
    ['size:..1 -size:0', ['/My File']],
    // permissions and owners
    ['mode:4755', ['/usr/bin/passwd']],
    ['mode:setuid', ['/usr/bin/passwd']],
    ['mode:/6000', ['/usr/bin/passwd']],
    ['mode:-0111 type:file', ['/usr/bin/bash', '/usr/bin/passwd']],
    ['mode:executable', ['/usr/bin/bash', '/usr/bin/passwd']],
    ['mode:sticky', ['/dev']],
    ['mode:world-writable', ['/dev', '/usr/bin/größe.txt']],
    ['uid:1000', ['/usr/bin/größe.txt']],
    ['uid:>0', ['/usr/bin/größe.txt']],
    ['gid:1..9', ['/usr/bin/größe.txt']],
    ['owner:1000:5', ['/usr/bin/größe.txt']],
    ['owner::5', ['/usr/bin/größe.txt']],
    ['owner:1000:6', []],
    ['links:>2', ['/usr/bin/größe.txt']],
    ['-uid:0 -uid:1000', ['/wreck']],
    // times
    ['mtime:2023-12', ['/a:b']],
    ['mtime:2023-12-31', ['/a:b']],
    ['mtime:2024-01-01', ['/a\\\\b']],
    ['mtime:>2023-12-31', ['/a\\\\b', '/b\\xffr']],
    ['mtime:>=2024-01-01', ['/a\\\\b', '/b\\xffr']],
    ['mtime:>2024-01-01', ['/b\\xffr']],
    ['mtime:2024', ['/a\\\\b', '/b\\xffr']],
    ['mtime:<2024 mtime:>1970', ['/a:b']],
    ['mtime:@2024', []],
    ['mtime:1704067199', ['/a:b']],
    ['mtime:@1704067199.999', ['/a:b']],
    ['mtime:1704067199.1', []],
    ['mtime:2024-01-01T01:00+01:00', ['/a\\\\b']],
    ['mtime:2024-01-02T00:00:00.000000001Z', ['/b\\xffr']],
    ['mtime:2023-12-31..2024-01-01', ['/a:b', '/a\\\\b']],
    ['mtime:<1970-01-01', []],
    // content
    ['verity:missing', ['/usr/bin/bash']],
    ['verity:ok|inline', ['/My File', '/usr/bin/passwd']],
    ['verity:bad', ['/usr/bin/bash']],
    ['verity:problem', ['/usr/bin/bash', '/wreck']],
    ['xattr:selinux', ['/usr/bin/passwd']],
    ['xattr:security.*', ['/usr/bin/passwd']],
    ['xattr:*=passwd_exec_t', ['/usr/bin/passwd']],
    ['xattr:selinux==passwd_exec_t', ['/usr/bin/passwd']],
    ['xattr:selinux==passwd', []],
    ['xattr:=user.note=a=b', ['/usr/bin/größe.txt']],
    ['xattr:=note', []],
    ['digest:00000abc', ['/usr/bin/bash']],
    ['digest:ABC00', ['/usr/bin/bash']],
    ['digest:sha512:abc', []],
    ['digest:sha256:abc', ['/usr/bin/bash']],
    ['redirect:00/00', ['/usr/bin/bash', '/usr/bin/passwd', '/usr/lib/libc.so']],
    ['redirect:00/*DEF', ['/usr/bin/passwd']],
    ['redirect:=x', ['/OR']],
    ['target:/', ['/bin']],
    ['target:=libc.so', ['/usr/lib/libc.so.6']],
  ])('with %s', (text, paths) => {
    expect(find(text)).toEqual(paths);
  });

  it('all entries, where it says nothing', () => {
    expect(filterEntries('  ', { image, statusOf })).toEqual({
      matches: undefined,
      usesStatus: false,
      fault: undefined,
    });
  });

  it('hard links by each of their names', () => {
    const linked = imageOf(dir({ a: file({ inode: 3 }), b: file({ inode: 4 }), c: dir({ d: file({ inode: 3 }) }) }));
    expect(find('type:hardlink', { image: linked, statusOf })).toEqual(['/a', '/c/d']);
  });

  it('by inode number', () => {
    const { inode } = image.table;
    expect(find(`inode:${inode[1]}`)).toEqual([pathOf(image.table, 1)]);
  });

  it('knows whether it looks at statuses', () => {
    expect(filterEntries('a OR -verity:ok', { image, statusOf })).toMatchObject({ usesStatus: true });
    expect(filterEntries('a -b', { image, statusOf })).toMatchObject({ usesStatus: false });
  });
});

describe('a wrong filter', () => {
  it.each<[string, string, RegExp]>([
    ['a "b c', '"b c', /not closed/],
    ['a foo:1 b', 'foo', /“foo” is not a field.*name, path/],
    ['siez:1', 'siez', /Did you mean size:\?/],
    ['Type:x layer:3', 'x', /“x” is not a type.*whiteout/],
    ['leyer:3', 'leyer', /not a field/],
    ['name:', 'name:', /needs a value, as in name:\*\.so/],
    ['a -', '-', /missing behind this sign/],
    ['""', '""', /nothing between/],
    ['size:1K|abc', 'abc', /“abc” is not a size, such as/],
    ['size:2K..1K', '2K..1K', /smaller value comes first, as in “1K\.\.2K”/],
    ['size:>', '>', /A value is missing/],
    ['type:file||dir', '|', /missing beside this \|/],
    ['type:file|', '|', /missing beside this \|/],
    ['type:|file', '|', /missing beside this \|/],
    ['uid:root', 'root', /“root” is not a number, such as 0/],
    ['uid:1e3', '1e3', /not a number/],
    ['owner:a:b', 'a:b', /not an owner/],
    ['mode:0999', '0999', /“0999” is not a mode: write 0755/],
    ['mtime:2024-02-30', '2024-02-30', /not a time, such as 2024-01-31/],
    ['mtime:yesterday', 'yesterday', /not a time/],
    ['verity:fine', 'fine', /not a verity status.*missing/],
    ['digest:xyz', 'xyz', /hex digits/],
    ['xattr:=', '=', /name of an attribute is missing/],
    ['OR a', 'OR', /stands between two terms/],
    ['a OR', 'OR', /stands between two terms/],
    ['a OR | b', '|', /stands between two terms/],
    [`path:${'/*'.repeat(40)}`, '/*'.repeat(40), /30 names at most/],
  ])('%s: says what is wrong with %s', (text, word, message) => {
    const { fault } = parseFilter(text);
    expect(fault?.message).toMatch(message);
    expect(text.slice(fault?.from, fault?.to)).toBe(word);
  });

  it('is one that never ends', () => {
    expect(parseFilter('a'.repeat(5000)).fault).toMatchObject({ from: 4096, to: 5000 });
  });

  it('never throws, whatever is typed', () => {
    const random = new Random(3);
    const pieces = [
      'name:',
      'size:',
      '>',
      '..',
      '"',
      '\\',
      '|',
      '-',
      '!',
      'OR',
      ' ',
      '1K',
      '*',
      '/',
      '**',
      '=',
      ':',
      'x',
      '\ud83d',
      '\\xf',
    ];
    for (let i = 0; i < 20_000; i += 1) {
      const text = Array.from({ length: random.int(9) }, () => random.pick(pieces)).join('');
      const { fault } = parseFilter(text);
      if (fault === undefined) continue;
      expect(fault.from, text).toBeGreaterThanOrEqual(0);
      expect(fault.to, text).toBeGreaterThan(fault.from);
      expect(fault.to, text).toBeLessThanOrEqual(text.length);
    }
  });
});

const textOf = (bytes: Uint8Array | undefined): string => (bytes === undefined ? '' : displayBytes(bytes));

/** Terms beside what they mean, entry by entry, in the plainest words. */
function naiveTerms({ image: tree, statusOf: status }: TreeContext): [string, (entry: number) => boolean][] {
  const { table } = tree;
  const nameOf = (entry: number): string => (entry === 0 ? '' : displayBytes(nameBytes(table, entry)));
  const readable = (entry: number): boolean => table.mode[entry] !== 0;
  const bits = (entry: number): number => (table.mode[entry] ?? 0) & 0o7777;
  const hasSize = (entry: number): boolean => ['file', 'symlink'].includes(kindOf(tree, entry));
  const sizeOf = (entry: number): number => table.size[entry] ?? 0;
  const linked = (entry: number): boolean => table.inode.filter((inode) => inode === table.inode[entry]).length > 1;
  const hasXattr = (entry: number, name: string, value: string): boolean =>
    tree.xattrs(entry).some((x) => textOf(x.name).includes(name) && textOf(x.value).includes(value));
  return [
    ['so', (entry) => nameOf(entry).toLowerCase().includes('so')],
    ['LIB', (entry) => nameOf(entry).toLowerCase().includes('lib')],
    ['name:b', (entry) => nameOf(entry).toLowerCase().includes('b')],
    ['libso', (entry) => nameOf(entry).toLowerCase().includes('libso')],
    ['\\xff', (entry) => nameOf(entry).includes('\\xff')],
    ['name:lib*', (entry) => nameOf(entry).toLowerCase().startsWith('lib')],
    ['name:*so', (entry) => nameOf(entry).toLowerCase().endsWith('so')],
    ['name:?', (entry) => entry !== 0 && /^(.|\\x..)$/u.test(nameOf(entry))],
    ['name:a*b*', (entry) => /^a.*b/i.test(nameOf(entry))],
    ['name:=LIB', (entry) => nameOf(entry) === 'LIB'],
    ['usr/', (entry) => /usr\//i.test(pathOf(table, entry))],
    ['path:b/a', (entry) => /b\/a/i.test(pathOf(table, entry))],
    ['path:/lib', (entry) => /^\/lib/i.test(pathOf(table, entry))],
    ['path:/lib/a', (entry) => /^\/lib\/a/i.test(pathOf(table, entry))],
    ['path:/*/a*', (entry) => /^\/[^/]+\/a[^/]*$/i.test(pathOf(table, entry))],
    ['path:/**/a/**', (entry) => /^\/(.*\/)?a\/.+$/i.test(pathOf(table, entry))],
    ['path:**/lib*/**/*so', (entry) => /\/lib[^/]*\/(.*\/)?[^/]*so$/i.test(pathOf(table, entry))],
    ['path:b*/?*', (entry) => /\/b[^/]*\/[^/]+$/i.test(pathOf(table, entry))],
    ['type:file', (entry) => kindOf(tree, entry) === 'file'],
    ['type:dir|symlink', (entry) => ['directory', 'symlink'].includes(kindOf(tree, entry))],
    ['type:whiteout', (entry) => kindOf(tree, entry) === 'whiteout'],
    ['type:hardlink', linked],
    ['type:broken', (entry) => ((table.flags[entry] ?? 0) & Flag.broken) !== 0],
    ['size:>1K', (entry) => hasSize(entry) && sizeOf(entry) > 1024],
    ['size:0..1023', (entry) => hasSize(entry) && sizeOf(entry) < 1024],
    ['size:=8G', (entry) => hasSize(entry) && sizeOf(entry) === 2 ** 33],
    ['mode:0755', (entry) => readable(entry) && bits(entry) === 0o755],
    ['mode:/6000', (entry) => readable(entry) && (bits(entry) & 0o6000) !== 0],
    ['mode:-111', (entry) => readable(entry) && (bits(entry) & 0o111) === 0o111],
    ['uid:>0', (entry) => readable(entry) && (table.uid[entry] ?? 0) > 0],
    ['owner:0:5', (entry) => readable(entry) && table.uid[entry] === 0 && table.gid[entry] === 5],
    ['links:2..3', (entry) => readable(entry) && [2, 3].includes(table.nlink[entry] ?? 0)],
    ['mtime:>2023-11-13', (entry) => readable(entry) && (table.mtime[entry] ?? 0) >= 1_699_920_000],
    ['mtime:<=0', (entry) => readable(entry) && (table.mtime[entry] ?? 0) <= 0],
    ['verity:missing', (entry) => status(entry) === 'missing'],
    ['verity:bad', (entry) => badStatuses.has(status(entry) ?? 'ok')],
    ['xattr:selinux', (entry) => hasXattr(entry, 'selinux', '')],
    ['xattr:selinux=lib', (entry) => hasXattr(entry, 'selinux', 'lib')],
    ['digest:1000', (entry) => hexOfBytes(digestBytes(table, entry) ?? new Uint8Array(0)).includes('1000')],
    ['redirect:0', (entry) => textOf(redirectBytes(table, entry)).includes('0')],
    ['target:*lib', (entry) => textOf(symlinkTarget(tree, entry)).endsWith('lib')],
  ];
}

function expectSame(tree: Image, random: Random): void {
  const context: TreeContext = {
    image: tree,
    statusOf: (entry) => (kindOf(tree, entry) === 'file' ? verityStatuses[(entry * 7) % 11] : undefined),
  };
  const terms = naiveTerms(context);
  for (let i = 0; i < 60; i += 1) {
    const clauses = Array.from({ length: random.int(3) + 1 }, () =>
      Array.from({ length: random.int(2) + 1 }, () => ({ term: random.pick(terms), negated: random.chance(0.3) })),
    );
    const text = clauses
      .map((clause) => clause.map(({ term, negated }) => (negated ? '-' : '') + term[0]).join(' OR '))
      .join('  ');
    const { matches } = { matches: undefined, ...filterEntries(text, context) };
    const found: string[] = [];
    const expected: string[] = [];
    for (let entry = 0; entry < tree.table.count; entry += 1) {
      if (matches?.has(entry) === true) found.push(pathOf(tree.table, entry));
      const holds = clauses.every((clause) => clause.some(({ term, negated }) => term[1](entry) !== negated));
      if (holds) expected.push(pathOf(tree.table, entry));
    }
    expect(found, text).toEqual(expected);
  }
}

it('finds in any tree what a look at each entry finds', () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const random = new Random(seed);
    expectSame(randomTree(random, 120), random);
  }
});

it('finds every name by its own text', () => {
  const odd = [
    'a b',
    'a\\\\ b',
    '\\\\x41',
    'c\\\\',
    '-x',
    '=y',
    '!z',
    'q"q',
    'a|b',
    'k:v',
    '*',
    '?',
    '\\x0a',
    '\\xff',
    'ä',
    'OR',
    '…',
  ];
  const tree = imageOf(dir(odd.map((name) => [name, file()] as const)));
  for (let entry = 1; entry < tree.table.count; entry += 1) {
    const text = displayBytes(nameBytes(tree.table, entry));
    const path = pathOf(tree.table, entry);
    const context: TreeContext = { image: tree, statusOf: () => undefined };
    expect(find(`name:=${escapeFilterText(text)}`, context), text).toEqual([path]);
    expect(find(escapeFilterText(text), context), text).toContain(path);
  }
});
