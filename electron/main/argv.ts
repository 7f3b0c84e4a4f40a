import * as path from 'node:path';

/**
 * The paths that the user gave on the command line, absolute. Behind a `--` everything is one, even what starts with
 * `-`; without it, all that is no flag.
 *
 * @param argv as the process got it, its own executable first
 * @param hasAppFolder whether the first argument that is no flag is the app's folder, as in development
 * @param cwd what relative paths are relative to
 */
export function pathsFromArgv(argv: readonly string[], hasAppFolder: boolean, cwd: string): string[] {
  const dashes = argv.indexOf('--', 1);
  const given =
    dashes === -1
      ? argv
          .slice(1)
          .filter((argument) => !argument.startsWith('-'))
          .slice(hasAppFolder ? 1 : 0)
      : argv.slice(dashes + 1);
  return given.filter((argument) => argument !== '').map((argument) => path.resolve(cwd, argument));
}
