/** One line of what is done and why. @param {string} line */
export function say(line) {
  process.stderr.write(`composcope: ${line}\n`);
}

/** What a person must do, and nothing else: no stack trace is of use to them. */
export class SetupError extends Error {}

/**
 * Runs a script's main function: a SetupError ends it with its sentence alone.
 *
 * @param {() => Promise<number>} main resolves to the exit status
 */
export async function runMain(main) {
  try {
    // a virtual display that is still there would keep us waiting: run.mjs ends it on exit
    process.exit(await main());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exit(1);
  }
}
