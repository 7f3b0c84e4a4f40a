import { CliError, Status } from './cli-error.ts';
import type { Options } from './context.ts';

/**
 * The images that a command is run on, one after the other; of `--layers`, which stand for one image, a name that says
 * nothing.
 *
 * @throws CliError where there are both
 */
export function namesOf(files: readonly string[], { layers }: Options): readonly string[] {
  if (layers === undefined) return files;
  const [file] = files;
  if (file === undefined) return [''];
  throw new CliError(Status.usage, 'usage', `--layers stands in place of an image, and here is one: ${file}`);
}
