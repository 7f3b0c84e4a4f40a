import * as attributes from './attribute-fields.ts';
import type { Condition } from './condition.ts';
import type { Range } from './fault.ts';
import { textOf, type Unit } from './lex.ts';
import * as texts from './text-fields.ts';

/** What can stand before a colon. */
export interface FilterField {
  readonly name: string;
  /** What it looks at, in a few words. */
  readonly hint: string;
  /** A whole term, for help and for messages. */
  readonly example: string;
  /** Words that it takes; undefined: it takes other values. */
  readonly choices?: readonly attributes.Choice[];
  /** @throws FilterError */
  readonly parse: (units: readonly Unit[], range: Range) => Condition;
}

const word =
  (parse: (text: string, range: Range) => Condition): FilterField['parse'] =>
  (units, range) =>
    parse(textOf(units), range);

const comparisons = (...words: readonly [string, string][]): readonly attributes.Choice[] =>
  words.map(([value, hint]) => ({ word: value, hint }));

/**
 * All fields of the filter language. Text (`name:`, `path:`, `redirect:`, `target:`, `xattr:`) is a part of the value in
 * any case of ASCII letters; with `*` or `?` it is the whole value; behind `=` it is the whole value exactly.
 */
export const filterFields: readonly FilterField[] = [
  { name: 'name', hint: 'name: part, *.so, =exact', example: 'name:*.so', parse: texts.byName },
  { name: 'path', hint: 'path: /usr, /usr/**/*.so', example: 'path:/usr/**/*.so', parse: texts.byPath },
  {
    name: 'type',
    hint: 'kind of entry',
    example: 'type:file|symlink',
    choices: attributes.typeChoices,
    parse: word(attributes.byType),
  },
  {
    name: 'size',
    hint: 'bytes of files and symlinks',
    example: 'size:>1M',
    choices: comparisons(['>1M', 'above 1 MiB'], ['<4K', 'below 4 KiB'], ['1K..64K', 'from 1 KiB to 64 KiB']),
    parse: word(attributes.bySize),
  },
  {
    name: 'mode',
    hint: 'permission bits',
    example: 'mode:setuid',
    choices: attributes.modeChoices,
    parse: word(attributes.byMode),
  },
  { name: 'uid', hint: 'number of the owner', example: 'uid:>=1000', parse: word(attributes.byUid) },
  { name: 'gid', hint: 'number of the group', example: 'gid:0', parse: word(attributes.byGid) },
  { name: 'owner', hint: 'owner and group', example: 'owner:0:0', parse: word(attributes.byOwner) },
  {
    name: 'mtime',
    hint: 'time of modification, UTC',
    example: 'mtime:>2024-01-31',
    choices: comparisons(['>2024-01-01', 'after that day'], ['<2024-01', 'before that month'], ['0', 'at 1970-01-01']),
    parse: word(attributes.byMtime),
  },
  { name: 'links', hint: 'number of hard links', example: 'links:>1', parse: word(attributes.byLinks) },
  { name: 'inode', hint: 'inode number', example: 'inode:1234', parse: word(attributes.byInode) },
  {
    name: 'verity',
    hint: 'verity status',
    example: 'verity:missing',
    choices: attributes.verityChoices,
    parse: word(attributes.byVerity),
  },
  { name: 'xattr', hint: 'extended attribute, its value', example: 'xattr:selinux=lib_t', parse: texts.byXattr },
  { name: 'digest', hint: 'hex digits of the digest', example: 'digest:6f1e33', parse: texts.byDigest },
  { name: 'redirect', hint: 'path of the object', example: 'redirect:6f/1e33', parse: texts.byRedirect },
  {
    name: 'layer',
    hint: 'of a stack: number of the layer, 1 the lowest',
    example: 'layer:2',
    parse: word(attributes.byLayer),
  },
  { name: 'target', hint: 'where a symlink points', example: 'target:/usr/*', parse: texts.byTarget },
];
