import type { LiveMount, MountFailure, MountStep, PreflightCheck } from '../../shared/contract/mount-values.ts';

/** Glyphs and words for what is shown of mounts, and a failure as text to be passed on. */

export const stepWords: Readonly<Record<MountStep['outcome'], readonly [glyph: string, word: string, tone: string]>> = {
  done: ['✓', 'done', 'good'],
  failed: ['✗', 'failed', 'bad'],
  skipped: ['–', 'skipped', 'dim'],
};

export const verdictWords: Readonly<
  Record<PreflightCheck['verdict'], readonly [glyph: string, word: string, tone: string]>
> = {
  yes: ['✓', 'yes', 'good'],
  no: ['✗', 'no', 'bad'],
  unknown: ['–', 'n/a', 'dim'],
};

export const kindWords: Readonly<Record<LiveMount['kind'], string>> = {
  composefs: 'composefs',
  overlay: 'overlay of images',
  erofs: 'EROFS alone',
};

export const tracedWords = {
  recorded: 'as Composcope mounted it',
  loop: 'by its loop device',
  source: 'by the mount’s source',
  matched: 'by its inode numbers',
  unknown: 'not known',
} as const;

export const imageWords = {
  file: 'by the file itself',
  loop: 'by a loop device',
  memory: 'by a copy in memory',
} as const;

/** A failure with its steps, as plain text: what a person copies into a report. */
export function failureText(what: string, failure: MountFailure): string {
  const { sentence, advice, certainty, errno, cause, steps, holders } = failure;
  const lines = [
    `${what}: ${sentence}`,
    ...(advice === undefined ? [] : [`What to do: ${advice}`]),
    `Cause: ${cause} (${certainty})${errno === undefined ? '' : `, ${errno}`}`,
  ];
  if (holders.length > 0) {
    lines.push('', 'Held by:');
    for (const { pid, name, uid, holds } of holders)
      lines.push(`  ${name} (pid ${pid}, uid ${uid}): ${holds.join(', ')}`);
  }
  if (steps.length > 0) {
    lines.push('', 'Steps:');
    for (const step of steps) {
      const [glyph, word] = stepWords[step.outcome];
      const outcome = step.outcome === 'done' ? '' : ` ${word}${step.errno === undefined ? '' : `, ${step.errno}`}`;
      lines.push(`  ${step.number}. ${glyph} ${step.call}: ${step.detail}${outcome}`);
      for (const line of step.log) lines.push(`       kernel: ${line}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
