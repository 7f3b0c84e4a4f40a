import { fileURLToPath } from 'node:url';
import type { MountFailure, MountStep } from '../../shared/contract/mount-values.ts';
import { MountService } from '../mount/mount-service.ts';
import { CliError, Status } from './cli-error.ts';
import type { Context } from './context.ts';

/** Runs with a service for mounts; its helper ends with it. */
export async function withMounts<T>(run: (mounts: MountService) => Promise<T>): Promise<T> {
  const mounts = new MountService({
    runtime: { program: process.execPath, env: {} },
    // both in the build, and in the sources that tests run, where the build lies beside them
    script: helperScript(),
  });
  try {
    return await run(mounts);
  } finally {
    mounts.close();
  }
}

function helperScript(): string {
  const inBuild = import.meta.url.endsWith('.mjs');
  return fileURLToPath(new URL(inBuild ? '../helper/helper.mjs' : '../../build/helper/helper.mjs', import.meta.url));
}

/** Tells why a mount or an unmount failed: one sentence, what to do, the steps. */
export function tellFailure({ out, reporter }: Context, failure: MountFailure, json: boolean): void {
  const status = failure.cause === 'no-helper' || failure.cause === 'not-permitted' ? Status.input : Status.found;
  if (json) {
    out.text(`${JSON.stringify({ failure }, undefined, 2)}\n`);
    reporter.note(status);
    return;
  }
  for (const step of failure.steps) out.text(formatStep(step));
  for (const { pid, name, uid, holds } of failure.holders) {
    out.text(`  ${name} (pid ${pid}, user ${uid}): ${holds.join(', ')}\n`);
  }
  const advice = failure.advice === undefined ? '' : ` ${failure.advice}`;
  reporter.error(new CliError(status, failure.cause, `${failure.sentence}${advice}`));
}

const glyphs = { done: '✓', failed: '✗', skipped: '–' } as const;

/** `✗ 12 fsconfig overlay: mount: EINVAL`, and what the kernel said below. */
export function formatStep({ number, call, detail, outcome, errno, log }: MountStep): string {
  const head = `${glyphs[outcome]} ${String(number).padStart(2)} ${call} ${inOneLine(detail)}`;
  const lines = log.map((line) => `       kernel: ${inOneLine(line)}\n`);
  return `${head}${errno === undefined ? '' : `: ${errno}`}\n${lines.join('')}`;
}

/** Names may hold what a terminal would obey. */
export const inOneLine = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);
