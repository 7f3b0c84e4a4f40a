import { CliError, Status } from './cli-error.ts';

/**
 * The names of `--filter`, as bytes: exactly as they were given, since `composefs-info` knows no escapes there.
 *
 * @throws CliError usage where one is a path
 */
export function filterNames(given: readonly string[] | undefined): readonly Uint8Array[] | undefined {
  return given?.map((name) => {
    if (!name.includes('/')) return Buffer.from(name);
    throw new CliError(Status.usage, 'usage', `--filter takes a single name of the root, not a path: ${name}`);
  });
}
