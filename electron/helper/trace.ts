import type { MountStep } from '../../shared/contract/mount-values.ts';
import { SyscallError } from './fault.ts';
import { contextMessages, KernelLog } from './kernel-log.ts';

/** What is done to mount, step by step, and how to undo it. */
export class Trace {
  readonly #steps: MountStep[] = [];
  readonly #tell: (step: MountStep) => void;
  readonly #log = new KernelLog();
  readonly #atEnd: { readonly always: boolean; readonly run: (isClean: boolean) => void }[] = [];

  /** @param tell is told of each step as it ends */
  constructor(tell: (step: MountStep) => void) {
    this.#tell = tell;
  }

  get steps(): readonly MountStep[] {
    return this.#steps;
  }

  /**
   * Does one step and notes it.
   *
   * @param context a file-system context, which may have more to say
   * @param skip errnos that a kernel gives which lacks what was asked for: then undefined is returned
   * @throws what `run` throws
   */
  step<T>(call: string, detail: string, run: () => T, { context, skip = [] }: StepOptions = {}): T | undefined {
    try {
      const value = run();
      this.#note({ call, detail, outcome: 'done', errno: undefined, log: this.#said(context) });
      return value;
    } catch (error) {
      const errno = errnoOf(error);
      const skipped = errno !== undefined && skip.includes(errno);
      this.#note({ call, detail, outcome: skipped ? 'skipped' : 'failed', errno, log: this.#said(context) });
      if (skipped) return undefined;
      throw error;
    }
  }

  /** As `step`, for what gives something, and is never skipped. */
  must<T>(call: string, detail: string, run: () => T, options: Omit<StepOptions, 'skip'> = {}): T {
    return this.step(call, detail, run, options) as T; // undefined only where something is skipped
  }

  /** To be done at the end, whatever it is: the last first. */
  onEnd(run: () => void): void {
    this.#atEnd.push({ always: true, run });
  }

  /** To be done at the end where a later step fails. `isClean`: all before it went well. */
  onUndo(run: (isClean: boolean) => void): void {
    this.#atEnd.push({ always: false, run });
  }

  /** Lets go of what was needed on the way, and undoes the rest where it failed. What cannot be undone, the journal keeps. */
  end({ failed }: { readonly failed: boolean }): void {
    let isClean = true;
    for (const { always, run } of this.#atEnd.splice(0).toReversed()) {
      if (!always && !failed) continue;
      try {
        run(isClean);
      } catch (error) {
        isClean = false;
        this.#note({ call: 'undo', detail: String(error), outcome: 'failed', errno: errnoOf(error), log: [] });
      }
    }
    this.#log.close();
  }

  #said(context: number | undefined): readonly string[] {
    return [...(context === undefined ? [] : contextMessages(context)), ...this.#log.take()];
  }

  #note(step: Omit<MountStep, 'number'>): void {
    const noted = { number: this.#steps.length + 1, ...step };
    this.#steps.push(noted);
    this.#tell(noted);
  }
}

interface StepOptions {
  readonly context?: number | undefined;
  readonly skip?: readonly string[];
}

/** Of the kernel's calls and of Node's. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof SyscallError) return error.errno;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
