import { existsSync } from 'node:fs';
import { Command as Commander, CommanderError, InvalidArgumentError, Option } from 'commander';
import { CliError, Status } from './cli-error.ts';
import type { Command, Context, Options } from './context.ts';
import { versionOf } from '../engine/version.ts';

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

function parseDepth(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It is a whole number.');
  return Number(value);
}

function parseCount(value: string): number {
  if (!/^[1-9]\d{0,14}$/.test(value)) throw new InvalidArgumentError('It is a whole number above 0.');
  return Number(value);
}

function parseJobs(value: string): number {
  if (!/^[1-9]\d{0,2}$/.test(value)) throw new InvalidArgumentError('It is a number of threads, from 1 to 999.');
  return Number(value);
}

function parseVersion(value: string): number {
  if (!/^[01]$/.test(value)) throw new InvalidArgumentError('It is 0 or 1.');
  return Number(value);
}

function parseErofsVersion(value: string): 0 | 1 | 2 {
  if (value !== '0' && value !== '1' && value !== '2') throw new InvalidArgumentError('It is 0, 1 or 2.');
  return value === '0' ? 0 : value === '1' ? 1 : 2;
}

/** Options by their long names. Each may stand before or behind the command, as with `composefs-info`. */
const options = {
  json: () => new Option('--json', 'print JSON; errors come as JSON on standard error too'),
  store: () =>
    new Option('--store <folder>', 'where the objects are; several are searched in order').argParser(collect),
  basedir: () => new Option('--basedir <folder>', 'folder that the paths of objects are relative to'),
  filter: () => new Option('--filter <name>', 'only this entry of the root; may be given again').argParser(collect),
  depth: () => new Option('--depth <levels>', 'go no deeper').argParser(parseDepth),
  stubs: () => new Option('--stubs', "show the root's 256 stub whiteouts too"),
  raw: () => new Option('--raw', 'the inode field by field, with its bytes'),
  full: () =>
    new Option('--full', 'read every object, also where the kernel has measured it or it was found right before'),
  jobs: () =>
    new Option('--jobs <threads>', 'threads that hash; default: as many as there are cores').argParser(parseJobs),
  report: () => new Option('--report <file>', 'write a report: .md, .html, .json or .sarif'),
  'no-paths': () => new Option('--no-paths', 'leave paths and names out of the report, to share it'),
  'no-cache': () => new Option('--no-cache', 'read what was found right before, too'),
  digest: () =>
    new Option('--digest <digest>', 'the image digest that is expected, or a file that says it: a UKI, a .digest file'),
  'require-seal': () => new Option('--require-seal', 'objects without fs-verity are failures, as for verity=require'),
  signature: () => new Option('--signature <file>', 'detached PKCS#7 signature over the image digest'),
  certificate: () =>
    new Option('--certificate <file>', "the signer's certificate; may be given again, for a chain").argParser(collect),
  from: () => new Option('--from <place>', 'where good copies are: a store, a folder, a layer').argParser(collect),
  'dry-run': () => new Option('--dry-run', 'only say what would be done'),
  'no-keep': () => new Option('--no-keep', 'do not keep the bad object beside the good one'),
  dump: () => new Option('--dump', 'print the dump format (default)'),
  layers: () =>
    new Option('--layers <layer...>', 'in place of an image: these, the lowest first, merged; end them with --'),
  'user-xattrs': () =>
    new Option('--user-xattrs', "read overlay's attributes in user., as a mount with userxattr does"),
  platform: () => new Option('--platform <os/arch>', 'which of a container image for several machines'),
  'max-entries': () =>
    new Option('--max-entries <number>', 'entries that a layer, and the merged tree, may have').argParser(parseCount),
  'max-bytes': () =>
    new Option('--max-bytes <number>', 'bytes that a layer may have when it is unpacked').argParser(parseCount),
  'from-file': () => new Option('--from-file', 'the source is a dump; - reads it from standard input'),
  'use-epoch': () => new Option('--use-epoch', 'all times are 0'),
  'skip-devices': () => new Option('--skip-devices', 'leave devices out, whiteouts too'),
  'skip-xattrs': () => new Option('--skip-xattrs', 'leave all extended attributes out'),
  hardlinks: () => new Option('--hardlinks', 'keep hard links, which mkcomposefs makes files of their own'),
  'check-content': () => new Option('--check-content', 'read the objects that are in the store already, too'),
  'layer-images': () => new Option('--layer-images <folder>', 'write an image of each layer there, too'),
  'min-version': () => new Option('--min-version <version>', 'oldest format to write').argParser(parseVersion),
  'max-version': () => new Option('--max-version <version>', 'newest format to write').argParser(parseVersion),
  'erofs-version': () =>
    new Option(
      '--erofs-version <version>',
      'format to write: 0 and 1 are the C tool’s bytes, 2 is composefs-rs’s own (checked against its pinned digests and its writer of 0.6; files without a digest are not)',
    ).argParser(parseErofsVersion),
  'print-digest': () => new Option('--print-digest', 'print the image digest, and nothing else'),
  'print-digest-only': () => new Option('--print-digest-only', 'likewise, and write no image'),
  'a-layer': () => new Option('--a-layer <layer>', 'a layer above A; may be given again').argParser(collect),
  'b-layer': () => new Option('--b-layer <layer>', 'a layer above B; may be given again').argParser(collect),
  ignore: () =>
    new Option(
      '--ignore <what>',
      'what is not to count: mtime, owner, mode, selinux, overlay, xattrs, …, or an xattr as user.*; may be given again',
    ).argParser(collect),
  'ignore-paths': () => new Option('--ignore-paths <filter>', 'paths that are not compared, in the filter’s language'),
  stat: () => new Option('--stat', 'print sums alone, and what an update fetches'),
  explain: () => new Option('--explain', 'print why the digests differ: known causes, and what is left'),
  html: () => new Option('--html', 'print one HTML file, without script'),
  markdown: () => new Option('--markdown', 'print a summary in Markdown, for a pull request'),
  csv: () => new Option('--csv', 'print CSV, a line for each attribute that differs'),
  output: () => new Option('-o, --output <path>', 'where to write it'),
  threads: () => new Option('--threads <threads>', 'threads that read; default: one a core').argParser(parseJobs),
  check: () => new Option('--check', 'only check what was published'),
  key: () => new Option('--key <file>', 'private key to sign the images with, PEM; it is not kept'),
  'passphrase-file': () =>
    new Option('--passphrase-file <file>', 'has the passphrase of the key in its first line; a terminal is asked else'),
  print0: () => new Option('-0, --print0', 'end each path with a NUL, unescaped'),
  verity: () => new Option('--verity <mode>', 'require: the kernel refuses objects that are not sealed; or off'),
  plain: () => new Option('--plain', 'the image alone, as EROFS: to look at its metadata'),
  upper: () => new Option('--upper <folder>', 'where writes go; without, the mount is read-only'),
  work: () => new Option('--work <folder>', "overlay's work directory, beside --upper"),
  suid: () => new Option('--suid', 'set-uid programs of the image work'),
  dev: () => new Option('--dev', 'device files of the image work'),
  'no-exec': () => new Option('--no-exec', 'programs of the image do not run'),
  'own-folder': () => new Option('--own-folder <name>', 'mount on a folder of that name in /run/composcope'),
  'print-commands': () => new Option('--print-commands', 'only print the commands that do the same'),
  steps: () => new Option('--steps', 'print each step'),
  lazy: () => new Option('--lazy', 'also while it is used: freed when the last one lets go'),
  clear: () => new Option('--clear', 'also what was left by a helper that was killed'),
} as const;
type OptionName = keyof typeof options;

interface Definition {
  readonly name: string;
  readonly operands: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
  /** What options mean here, where that is another thing than elsewhere. */
  readonly meanings?: Readonly<Partial<Record<OptionName, string>>>;
  /** For the help on it, where that is not to print its summary. */
  readonly description?: string;
  /** Loaded when it runs: a listing has no use for what looks for stores. */
  readonly load: () => Promise<Command>;
  /** Operands that it needs at least. */
  readonly least: number;
}

/** Of all that opens layers. */
const ofStacks = ['user-xattrs', 'platform', 'max-entries', 'max-bytes'] as const;

const definitions: readonly Definition[] = [
  {
    name: 'ls',
    operands: '<image...>',
    summary: 'paths, with symlink targets and objects, as composefs-info prints them',
    options: ['filter', 'basedir', ...ofStacks, 'layers', 'json'],
    load: async () => (await import('./commands/ls.ts')).ls,
    least: 1,
  },
  {
    name: 'dump',
    operands: '<image...>',
    summary: 'all attributes in the dump format, for mkcomposefs --from-file',
    options: ['filter', 'basedir', 'json'],
    load: async () => (await import('./commands/dump.ts')).dump,
    least: 1,
  },
  {
    name: 'objects',
    operands: '<image...>',
    summary: 'paths of the objects that the images refer to',
    options: ['filter', 'basedir', 'json'],
    load: async () => (await import('./commands/objects.ts')).objects,
    least: 1,
  },
  {
    name: 'missing-objects',
    operands: '<image...>',
    summary: 'those of them that are not there',
    options: ['basedir', 'store', 'filter', 'json'],
    load: async () => (await import('./commands/missing-objects.ts')).missingObjects,
    least: 1,
  },
  {
    name: 'measure-file',
    operands: '<file...>',
    summary: 'fs-verity digests of any files',
    options: ['filter', 'basedir', 'json'],
    load: async () => (await import('./commands/measure-file.ts')).measureFile,
    least: 1,
  },
  {
    name: 'info',
    operands: '<image...>',
    summary: 'header, counts, digest, stores and problems',
    options: ['store', 'json'],
    load: async () => (await import('./commands/info.ts')).info,
    least: 1,
  },
  {
    name: 'tree',
    operands: '<image...>',
    summary: 'the tree, with size, mode, object and verity status',
    options: ['depth', 'stubs', 'store', ...ofStacks, 'layers', 'json'],
    load: async () => (await import('./commands/tree.ts')).tree,
    least: 1,
  },
  {
    name: 'stat',
    operands: '<image> <path...>',
    summary: 'everything about entries: attributes, xattrs in words, place in the image',
    options: ['raw', 'store', ...ofStacks, 'layers', 'json'],
    load: async () => (await import('./commands/stat.ts')).stat,
    least: 2,
  },
  {
    name: 'cat',
    operands: '<image> <path...>',
    summary: 'content of files, from the image or a store, checked against their digests',
    options: ['store', ...ofStacks, 'layers', 'json'],
    load: async () => (await import('./commands/cat.ts')).cat,
    least: 2,
  },
  {
    name: 'find',
    operands: '<image...> <filter>',
    summary: "entries that the window's filter finds, e.g. 'name:*.so size:>1M'",
    options: ['stubs', 'print0', 'store', 'json'],
    load: async () => (await import('./commands/find.ts')).find,
    least: 2,
  },
  {
    name: 'merge',
    operands: '<layer...>',
    summary: 'the tree that the kernel shows of these layers, the lowest first, as a dump',
    description:
      'Print the tree that the kernel shows of layers that are mounted over each other, in the dump format. The first is ' +
      'the lowest. A layer is an image, a directory (which may be the upper one of an overlay), a tar; a container image, ' +
      'as a layout or an archive, has several.',
    options: [
      'dump',
      'output',
      'store',
      'from',
      'hardlinks',
      'use-epoch',
      'layer-images',
      'min-version',
      'max-version',
      'erofs-version',
      'print-digest',
      'threads',
      'check-content',
      ...ofStacks,
      'json',
    ],
    meanings: {
      output: 'write an image of it there, and say its digest',
      store: 'where the objects go, with -o; it is made where it is missing',
      from: 'data root of a store that has the objects of layers that are images; may be given again; stores beside them are found',
    },
    load: async () => (await import('./commands/merge.ts')).merge,
    least: 1,
  },
  {
    name: 'layers',
    operands: '<layer...>',
    summary: 'what each layer adds, changes, hides and wastes',
    options: [...ofStacks, 'json'],
    load: async () => (await import('./commands/layers.ts')).layers,
    least: 1,
  },
  {
    name: 'create',
    operands: '<source> [image]',
    summary: 'an image of a directory, a dump, a tar or a container image, as mkcomposefs makes it',
    description:
      'Make an image of a directory, a tar, or a container image whose layers are merged; and put the contents of its ' +
      'files into a --store, as objects. Objects are written beside, synced, sealed where the file system can, and only ' +
      'then named. Options that mkcomposefs has mean what they mean to it.',
    options: [
      'from-file',
      'store',
      'use-epoch',
      'skip-devices',
      'skip-xattrs',
      'user-xattrs',
      'hardlinks',
      'layer-images',
      'min-version',
      'max-version',
      'erofs-version',
      'print-digest',
      'print-digest-only',
      'threads',
      'check-content',
      'platform',
      'max-entries',
      'max-bytes',
      'json',
    ],
    meanings: {
      store: 'where the objects go; it is made where it is missing',
      'user-xattrs': 'keep only those extended attributes that are in user.',
    },
    load: async () => (await import('./commands/create-source.ts')).createFromSource,
    least: 1,
  },
  {
    name: 'publish',
    operands: '<image...>',
    summary: 'a folder to be served: images, their objects, a manifest of what who must fetch; checked at the end',
    description:
      'Write images, their objects and a manifest.json into a folder that can be served as it is, and read all of it ' +
      'again to check it. With --layers, an image of each layer and one of all, merged. With --key and --certificate, a ' +
      'detached PKCS#7 signature over each image digest, as fsverity sign makes it. With --check FOLDER, only check what ' +
      'was published; images, or --layers, behind it are what it was made of: it must be what they give.',
    options: [
      'output',
      'layers',
      'store',
      'key',
      'certificate',
      'passphrase-file',
      'check-content',
      'threads',
      'check',
      'json',
    ],
    meanings: {
      output: 'the folder; it is made where it is missing',
      layers: 'publish an image of each of these, the lowest first, and one of all; end them with --',
      store: 'where the objects are; without, stores beside the sources are used',
      'check-content': 'read the objects that the folder has already, too, and replace wrong ones',
    },
    load: async () => (await import('./commands/publish.ts')).publish,
    least: 1,
  },
  {
    name: 'fetch-plan',
    operands: '<have...> <want>',
    summary: 'the objects that who has these images must download for the last one',
    options: ['json'],
    load: async () => (await import('./commands/fetch-plan.ts')).fetchPlan,
    least: 2,
  },
  {
    name: 'verify',
    operands: '<image...>',
    summary: 'which objects fail, why, and what to do; without an image, of the whole --store',
    options: [
      'store',
      'full',
      'jobs',
      'report',
      'no-paths',
      'no-cache',
      'digest',
      'signature',
      'certificate',
      'require-seal',
      'json',
    ],
    load: async () => (await import('./commands/verify.ts')).verify,
    least: 0,
  },
  {
    name: 'diff',
    operands: '<a> <b>',
    summary: 'what differs between two images, dumps, layers, directories or container images',
    description:
      'Print what differs, attribute by attribute; moved and renamed files are found. A side is an image, a dump, a tar, a ' +
      'directory, or a container image whose layers are merged. With --dump, the lines in which both dumps differ. Exit ' +
      'status 1 where something differs.',
    options: [
      'ignore',
      'ignore-paths',
      'a-layer',
      'b-layer',
      'store',
      'stat',
      'explain',
      'dump',
      'csv',
      'html',
      'markdown',
      'user-xattrs',
      'platform',
      'max-entries',
      'max-bytes',
      'json',
    ],
    meanings: {
      store: 'where objects lie already, for what is to be fetched, and contents that may explain why digests differ',
      dump: 'print the lines of both dumps that differ',
    },
    load: async () => (await import('./commands/diff.ts')).diff,
    least: 2,
  },
  {
    name: 'explain',
    operands: '<image> [path|digest...]',
    summary: 'what is wrong with an object, or with the digest that is expected of the image',
    description:
      'Print what is wrong with objects, and all that shows it. Without objects: what the digest is that is expected of the ' +
      'image, which may be a directory, a dump or a container image here; where it is no known kind of digest, the tree is ' +
      'changed and written anew in each way that tools are known for, until an image has it. Exit status 1 where the digest ' +
      'is another one.',
    options: ['digest', 'store', 'json'],
    meanings: {
      digest:
        'the image digest that is expected: hex, a kernel command line, a message, or a file: a UKI, a .digest file; else what lies beside says it',
    },
    load: async () => (await import('./commands/explain.ts')).explain,
    least: 1,
  },
  {
    name: 'repair',
    operands: '<image> [path|digest...]',
    summary: 'bad objects replaced by good copies; without paths, all of them',
    description:
      'Replace bad objects by good copies: from another --store, or --from a store, a folder or a layer. Each copy is ' +
      'written beside, hashed, and only then put in place; the bad object is kept with a suffix.',
    options: ['store', 'from', 'jobs', 'dry-run', 'no-keep', 'json'],
    load: async () => (await import('./commands/repair.ts')).repair,
    least: 1,
  },
  {
    name: 'mount',
    operands: '<image...> <mountpoint>',
    summary: 'an image mounted over its stores, or several over each other, the lowest first',
    description:
      'Mount an image over its stores, or several images (and directories) over each other, the lowest first. It takes ' +
      'root, or polkit. With --digest the image is held against it, and the objects against theirs (--verity require); ' +
      'that of a stack has one for each layer, with commas in between, and - for none.',
    options: [
      'store',
      'digest',
      'verity',
      'plain',
      'upper',
      'work',
      'suid',
      'dev',
      'no-exec',
      'own-folder',
      'print-commands',
      'steps',
      'json',
    ],
    load: async () => (await import('./commands/mount.ts')).mount,
    least: 1,
  },
  {
    name: 'umount',
    operands: '<mountpoint...>',
    summary: 'mounts taken away; a busy one says who holds it',
    description: 'Take composefs mounts away. Where one is busy, the processes that hold it are named.',
    options: ['lazy', 'clear', 'json'],
    load: async () => (await import('./commands/umount.ts')).umount,
    least: 0,
  },
  {
    name: 'mounts',
    operands: '',
    summary: 'all composefs mounts of the system, with their images and stores',
    options: ['json'],
    load: async () => (await import('./commands/mounts.ts')).mounts,
    least: 0,
  },
  {
    name: 'preflight',
    operands: '[image...]',
    summary: 'whether this system can mount, and what to do where it cannot',
    options: ['store', 'json'],
    load: async () => (await import('./commands/preflight.ts')).preflight,
    least: 0,
  },
];

/**
 * Runs one command line.
 *
 * @param argv without node and script
 * @throws CliError for wrong usage; what a command cannot go on after
 */
export async function runProgram(context: Context, argv: readonly string[]): Promise<void> {
  const program = new Commander('composcope')
    .description('Look into composefs images.\n\nWithout a command, the window opens on what it is given.')
    .usage('[command] [options] [path...]')
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      context.out.text(`${versionOf()}\n`);
      throw new CommanderError(0, 'commander.version', 'version');
    })
    .argument('[path...]')
    .helpCommand('help [command]', 'print help')
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.out.text(text),
      writeErr: () => {},
      outputError: () => {},
    })
    .addHelpText(
      'after',
      `
An image is a file, or - for standard input. Where objects matter and no --store is given, a store
that lies beside the image is used.

Exit status: 0 as asked, 1 differences or failures found, 2 wrong usage, 3 input that is unreadable
or invalid, or output that cannot be written.`,
    );
  for (const name of Object.keys(options) as OptionName[]) program.addOption(options[name]().hideHelp());
  program.action((paths: string[]) => openPaths(context, paths, givenOptions(program)));
  for (const definition of definitions) addCommand(program, definition, context);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return; // help and version were printed
    throw new CliError(Status.usage, 'usage', `${usageMessage(error.message)}; see \`composcope help\``);
  }
}

function addCommand(program: Commander, definition: Definition, context: Context): void {
  const { name, operands, summary, description, least, meanings } = definition;
  const command = program
    .command(name)
    .argument('[operands...]')
    .usage(`[options] ${operands}`)
    .summary(summary)
    .description(description ?? `Print ${summary}.`);
  for (const option of definition.options) {
    const made = options[option]();
    made.description = meanings?.[option] ?? made.description;
    command.addOption(made);
  }
  command.action(async () => {
    // an option in front of the command was taken by the program, behind it by either
    const given: Options = { ...givenOptions(program), ...givenOptions(command) };
    const own = new Set(definition.options.map((option) => options[option]().attributeName()));
    for (const option of program.options) {
      const key = option.attributeName();
      if (key in given && !own.has(key)) {
        const message = `${name} has no option ${option.long ?? key}; see \`composcope help ${name}\``;
        throw new CliError(Status.usage, 'usage', message);
      }
    }
    if (command.args.length + (given.layers === undefined ? 0 : 1) < least) {
      throw new CliError(Status.usage, 'usage', `${name} needs ${operands}; see \`composcope help ${name}\``);
    }
    const run = await definition.load();
    await run(context, command.args, given);
  });
}

/** What the user gave, without defaults: commander has one for each `--no-…`. */
const givenOptions = (command: Commander): Options =>
  Object.fromEntries(Object.entries(command.opts()).filter(([key]) => command.getOptionValueSource(key) !== 'default'));

async function openPaths(context: Context, paths: readonly string[], given: Options): Promise<void> {
  const [option] = Object.keys(given);
  if (option !== undefined) {
    throw new CliError(Status.usage, 'usage', `--${option} needs a command; see \`composcope help\``);
  }
  for (const path of paths) {
    if (existsSync(path)) continue;
    // a word alone is more likely a command that does not exist than a file that does not
    const message = path.includes('/') ? 'no such file' : 'no such command, and no such file; see `composcope help`';
    throw new CliError(path.includes('/') ? Status.input : Status.usage, 'not-found', message, { file: path });
  }
  const { openWindow } = await import('./commands/window.ts');
  await openWindow(context, paths);
}

/** `error: unknown option '--jsn'\n(Did you mean --json?)` in one line. */
const usageMessage = (message: string): string => message.replace(/^error: /, '').replace(/\.?\n+/g, ' ');
