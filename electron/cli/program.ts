import { existsSync, readFileSync } from 'node:fs';
import { Command as Commander, CommanderError, InvalidArgumentError, Option } from 'commander';
import { CliError, Status } from './cli-error.ts';
import type { Command, Context, Options } from './context.ts';

/** From package.json, which lies two levels above this file and above what is built of it. */
function versionOf(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

const collect = (value: string, before: readonly string[] | undefined): readonly string[] => [...(before ?? []), value];

function parseDepth(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw new InvalidArgumentError('It is a whole number.');
  return Number(value);
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
  print0: () => new Option('-0, --print0', 'end each path with a NUL, unescaped'),
} as const;
type OptionName = keyof typeof options;

interface Definition {
  readonly name: string;
  readonly operands: string;
  readonly summary: string;
  readonly options: readonly OptionName[];
  /** Loaded when it runs: a listing has no use for what looks for stores. */
  readonly load: () => Promise<Command>;
  /** Operands that it needs at least. */
  readonly least: number;
}

const definitions: readonly Definition[] = [
  {
    name: 'ls',
    operands: '<image...>',
    summary: 'paths, with symlink targets and objects, as composefs-info prints them',
    options: ['filter', 'basedir', 'json'],
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
    options: ['depth', 'stubs', 'store', 'json'],
    load: async () => (await import('./commands/tree.ts')).tree,
    least: 1,
  },
  {
    name: 'stat',
    operands: '<image> <path...>',
    summary: 'everything about entries: attributes, xattrs in words, place in the image',
    options: ['raw', 'store', 'json'],
    load: async () => (await import('./commands/stat.ts')).stat,
    least: 2,
  },
  {
    name: 'cat',
    operands: '<image> <path...>',
    summary: 'content of files, from the image or a store, checked against their digests',
    options: ['store', 'json'],
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
  program.action((paths: string[]) => openPaths(context, paths, program.opts<Options>()));
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
  const { name, operands, summary, least } = definition;
  const command = program
    .command(name)
    .argument('[operands...]')
    .usage(`[options] ${operands}`)
    .summary(summary)
    .description(`Print ${summary}.`);
  for (const option of definition.options) command.addOption(options[option]());
  command.action(async () => {
    // an option in front of the command was taken by the program, behind it by either
    const given: Options = { ...program.opts<Options>(), ...command.opts<Options>() };
    for (const key of Object.keys(given)) {
      if (!definition.options.some((option) => option === key)) {
        throw new CliError(Status.usage, 'usage', `${name} has no option --${key}; see \`composcope help ${name}\``);
      }
    }
    if (command.args.length < least) {
      throw new CliError(Status.usage, 'usage', `${name} needs ${operands}; see \`composcope help ${name}\``);
    }
    const run = await definition.load();
    await run(context, command.args, given);
  });
}

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
