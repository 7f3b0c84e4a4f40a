/**
 * Holds what our mounts came to against what they were to come to.
 *
 * @typedef {import('./guest/mounts.mjs').MountResult} MountResult
 * @typedef {import('./verdicts.mjs').Case} Case
 */

/** What the sentence of a cause is to say. @type {Record<string, RegExp>} */
const SENTENCES = {
  'digest-mismatch': /is not the image that is expected: the image has the digest [0-9a-f]+, and should have/,
  'damaged-seal': /is sealed with fs-verity, and a block of it on the disk is not what was sealed/,
  'not-erofs': /is no EROFS image/,
  'corrupt-image': /is damaged, or has a feature/,
  'layers-overlap': /Two of the layers are the same folder/,
  'too-deep': /stacks no deeper/,
  'upper-unfit': /Upper layer and work directory do not fit/,
};

/** @param {readonly MountResult[]} mounts @param {string} kernel release @returns {Case[]} */
export const judgeMounts = (mounts, kernel) => mounts.map((mount) => judgeMount(mount, kernel));

/** @param {MountResult} mount @param {string} kernel @returns {Case} */
function judgeMount({ name, expected, says, ended, seen, left }, kernel) {
  const faults = left.map((trace) => `it left ${trace}`);
  const answer = ended.stdout === '' ? undefined : JSON.parse(ended.stdout);
  const { failure } = answer ?? {};
  if (answer === undefined) faults.push(`it said nothing: ${ended.stderr}`);
  const came = seen ?? failure?.cause ?? 'nothing';
  if (came !== expected) faults.push(`expected was ${expected}; ${ended.stdout.slice(0, 4000)}`);
  if (says !== undefined && !ended.stdout.includes(says)) faults.push(`“${says}” is not said: ${ended.stdout}`);
  const sentence = SENTENCES[expected];
  if (sentence !== undefined && !sentence.test(failure?.sentence ?? ''))
    faults.push(`the sentence does not fit: ${failure?.sentence}`);
  if (failure === undefined) faults.push(...judgeSteps(name, answer?.steps ?? [], kernel));
  const log = failure?.steps.flatMap((/** @type {{ log: string[] }} */ step) => step.log).at(-1);
  return { name: `mount: ${name}`, kernel: log ?? came, ours: failure?.sentence ?? `mounted, ${came}`, faults };
}

/**
 * A kernel that takes no descriptors of layers is given them in the next manner that it has.
 *
 * @param {string} name
 * @param {readonly { outcome: string, detail: string }[]} steps
 * @param {string} kernel
 */
function judgeSteps(name, steps, kernel) {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const takesDescriptors = major > 6 || (major === 6 && minor >= 13);
  const skipped = steps.some(({ outcome, detail }) => outcome === 'skipped' && detail.includes('lowerdir+'));
  const isOverlay = steps.some(({ detail }) => detail === 'overlay');
  if (isOverlay && !takesDescriptors && !skipped)
    return [`${kernel} takes no descriptors, and none was tried (${name})`];
  return [];
}
